"""What the window tells Prometheus: requests, sign-ins, limits; counts under labels from closed lists."""

from prometheus_client import CollectorRegistry, Counter, Histogram


class WindowMeasures:
    """The window's figures. A `hub.web.watching.Watching`.

    How many keys are in memory is not among them: a look that is refused leaves one more of a child there is.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        which = ("route", "method", "status")
        self._answered = Counter("hub_web_answered", "Requests answered", which, registry=self.registry)
        self._seconds = Histogram(
            "hub_web_seconds", "Seconds until a request was answered", ("route",), registry=self.registry
        )
        self._limited = Counter(
            "hub_web_limited", "Times a caller was told to ask later", ("why",), registry=self.registry
        )
        self._many = Counter(
            "hub_web_many_children",
            "Times somebody asked for many children in an hour",
            ("role",),
            registry=self.registry,
        )
        self._sign_ins = Counter(
            "hub_web_sign_ins", "Sign-ins, by outcome", ("outcome",), registry=self.registry
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._answered.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def limited(self, why: str) -> None:
        """Count a caller who was told to ask later."""
        self._limited.labels(why).inc()

    def many_children(self, role: str) -> None:
        """Count somebody who asked for many children."""
        self._many.labels(role).inc()

    def signed_in(self, outcome: str) -> None:
        """Count a sign-in."""
        self._sign_ins.labels(outcome).inc()
