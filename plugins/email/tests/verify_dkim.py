#!/usr/bin/python3
"""Verifies the DKIM signatures of a mail by dkimpy. Arguments: the mail's file, then a file of lines
"NAME RECORD" in place of the DNS. Prints one line for each signature: the domain, the algorithm, the signed
headers in lower case, and "good" or why not."""
import sys

import dkim


def main() -> None:
    with open(sys.argv[1], "rb") as file:
        message = file.read()
    with open(sys.argv[2], encoding="ascii") as file:
        records = dict(line.rstrip("\n").split(" ", 1) for line in file)

    def look_up(name, timeout=5):
        name = name.decode() if isinstance(name, bytes) else name
        return records.get(name.rstrip("."), "").encode()

    count = sum(1 for name, _ in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature")
    for index in range(count):
        verifier = dkim.DKIM(message)
        try:
            outcome = "good" if verifier.verify(idx=index, dnsfunc=look_up) else "bad"
        except dkim.DKIMException as error:
            outcome = repr(error)
        fields = verifier.signature_fields
        print(fields[b"d"].decode(), fields[b"a"].decode(),
              "".join(fields[b"h"].decode().lower().split()), outcome)


main()
