-- hub_projector tells how many deliveries are held, and why: never what they hold.
GRANT SELECT (reason, state) ON hub.quarantine TO hub_projector;
