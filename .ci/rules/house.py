"""What each rule of `house.yaml` must find (`ruleid:`), and must leave be (`ok:`). Read by semgrep; nothing runs it."""


def told(event, log, self):
    # ruleid: a-childs-data-in-a-log-or-error
    log.info("read %s", event.date_of_birth)
    # ruleid: a-childs-data-in-a-log-or-error
    self._log.warning("read", said=event.summary)
    said = f"no record of {event.identifiers}"
    # ruleid: a-childs-data-in-a-log-or-error
    raise Refused(said)


def told_from(event, why):
    # ruleid: a-childs-data-in-a-log-or-error
    raise Refused(f"cannot be read: {event.nhs_number}") from why


def told_by_keyword(event):
    # ruleid: a-childs-data-in-a-log-or-error
    raise Refused(what=event.address)


def told_little(event, log):
    # ok: a-childs-data-in-a-log-or-error
    log.info("read %d", len(event.identifiers))
    # ok: a-childs-data-in-a-log-or-error
    raise Refused(f"no summary of type {event.type}")


def unpickled(line):
    # ruleid: an-unpickled-byte
    pickle.loads(line.receive())
    # ok: an-unpickled-byte
    pickle.dumps(line)


def commands(file, on):
    # ruleid: a-command-as-one-string
    subprocess.run(["ls", file], shell=True)
    # ruleid: a-command-as-one-string
    subprocess.run(f"ls {file}")
    # ruleid: a-command-as-one-string
    os.system("ls " + file)
    # ok: a-command-as-one-string
    subprocess.run(["ls", file], check=True)


def listed(request: Request, connection):
    order = request.query_params["order"]
    # ruleid: a-value-in-a-statement
    connection.execute(f"SELECT * FROM rows ORDER BY {order}")


def of_an_event(event, connection, table):
    # ruleid: a-value-in-a-statement
    connection.execute(f"SELECT * FROM rows WHERE child = '{event.child}'")
    # ok: a-value-in-a-statement
    connection.execute("SELECT * FROM rows WHERE child = ?", (event.child,))
    # ok: a-value-in-a-statement
    connection.execute(f"SELECT * FROM {table} WHERE child = ?", (event.child,))


def put_together(connection, value, event):
    # ruleid: a-statement-put-together-by-percent-or-plus
    connection.execute("SELECT * FROM rows WHERE id = %s" % value)
    # ruleid: a-statement-put-together-by-percent-or-plus
    connection.execute("SELECT * FROM rows WHERE id = " + value)
    # ruleid: a-statement-put-together-by-percent-or-plus
    connection.execute("SELECT * FROM rows WHERE id = {}".format(event.id))
    # ok: a-statement-put-together-by-percent-or-plus
    connection.execute("SELECT * FROM rows WHERE id = %s", (value,))


def answered():
    try:
        work()
    except ValueError as error:
        # ruleid: an-errors-text-in-an-answer
        return JSONResponse({"why": str(error)}, 400)


def answered_in_words():
    try:
        work()
    except ValueError as error:
        # ruleid: an-errors-text-in-an-answer
        raise HTTPException(400, f"no: {error}")


def answered_well():
    try:
        work()
    except ValueError as error:
        # ok: an-errors-text-in-an-answer
        return JSONResponse({"why": "not understood"}, 400)


def cookies(response, id_, live):
    # ruleid: a-cookie-that-is-not-kept-close
    response.set_cookie("session", id_)
    # ruleid: a-cookie-that-is-not-kept-close
    response.set_cookie("session", id_, httponly=True, samesite="lax")
    # ruleid: a-cookie-that-is-not-kept-close
    response.set_cookie("session", id_, httponly=True, secure=True, samesite="none")
    # ruleid: a-cookie-over-plain-http
    response.set_cookie("session", id_, httponly=True, secure=False, samesite="lax")
    # ok: a-cookie-that-is-not-kept-close, a-cookie-over-plain-http
    response.set_cookie("session", id_, samesite="strict", httponly=True, secure=live.secure)
    # ok: a-cookie-over-plain-http
    response.set_cookie("session", id_, httponly=True, secure=True, samesite="lax")


def drawn():
    # ruleid: chance-that-can-be-guessed
    random.choice(LETTERS)
    # ok: chance-that-can-be-guessed
    secrets.choice(LETTERS)


def compared(said, kept, secret, mac):
    # ruleid: a-secret-compared-in-open-time
    if kept.secret == said:
        return
    # ruleid: a-secret-compared-in-open-time
    if mac != said:
        return
    # ok: a-secret-compared-in-open-time
    if hmac.compare_digest(kept.secret, said):
        return
    # ok: a-secret-compared-in-open-time
    if len(secret) == 32:
        return
    # ruleid: a-mac-compared-in-open-time
    if hmac.new(secret, said, "sha256").digest() == kept:
        return
    # ok: a-mac-compared-in-open-time
    if hmac.compare_digest(hmac.new(secret, said, "sha256").digest(), kept):
        return


def believed(token, key):
    # ruleid: a-token-of-any-algorithm
    jwt.decode(token, key)
    # ok: a-token-of-any-algorithm
    jwt.decode(token, key, ["ES256"])
    # ruleid: claims-for-anybody
    jwt.JWTClaimsRegistry(iss={"essential": True, "value": ISSUER}, exp={"essential": True})
    # ruleid: claims-for-anybody
    jwt.JWTClaimsRegistry(iss={"essential": True}, aud={"value": US}, exp={"essential": True})
    # ok: claims-for-anybody
    jwt.JWTClaimsRegistry(
        now=NOW,
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": US},
        exp={"essential": True},
    )


def xml_read(file):
    # ruleid: xml-read-with-its-entities
    etree.iterparse(file, events=("end",))
    # ruleid: xml-read-with-its-entities
    etree.XMLParser(resolve_entities=True, load_dtd=False, no_network=True)
    # ruleid: xml-read-with-its-entities
    etree.XMLParser(resolve_entities=False)
    # ruleid: xml-read-with-its-entities
    etree.fromstring(file)
    # ok: xml-read-with-its-entities
    etree.fromstring(file, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True))


def met(context, ca):
    # ruleid: a-peer-that-is-not-verified
    httpx.Client(verify=False)
    # ruleid: a-peer-that-is-not-verified
    context.check_hostname = False
    # ruleid: a-peer-that-is-not-verified
    context.verify_mode = ssl.CERT_NONE
    # ok: a-peer-that-is-not-verified
    httpx.Client(verify=ssl.create_default_context(cafile=ca))


def written(path, key):
    raw = key.private_bytes(ENCODING)
    # ruleid: a-secret-written-outside-its-file
    path.write_bytes(raw)
    # ruleid: a-secret-written-outside-its-file
    path.write_text(secrets.token_urlsafe(32))
    # ok: a-secret-written-outside-its-file
    path.write_bytes(key.public_bytes(ENCODING))
