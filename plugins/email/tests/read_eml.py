"""Reads mails with Python's email module and prints what they say as JSON: read_eml.py FILE"""
import email
import email.policy
import json
import sys

with open(sys.argv[1], "rb") as file:
    raw = file.read()
message = email.message_from_bytes(raw, policy=email.policy.default)


def addresses(name):
    return [[a.display_name, a.addr_spec] for a in message[name].addresses] if message[name] else []


def part(one):
    return {
        "type": one.get_content_type(),
        "charset": one.get_content_charset(),
        "text": one.get_content().replace("\r\n", "\n"),
        "defects": [type(d).__name__ for d in one.defects],
    }


print(json.dumps({
    "names": [name for name, _ in message.items()],
    "from": addresses("From"), "to": addresses("To"), "reply_to": addresses("Reply-To"),
    "subject": message["Subject"], "message_id": message["Message-ID"], "date": message["Date"].datetime.isoformat(),
    "list_unsubscribe": message["List-Unsubscribe"], "x_long": message["X-Long"],
    "type": message.get_content_type(),
    "parts": [part(one) for one in message.walk() if not one.is_multipart()],
    "defects": [type(d).__name__ for d in message.defects] +
               [type(d).__name__ for h in message.values() for d in h.defects],
    "is_ascii": raw.isascii(),
    "longest_line": max(len(line) for line in raw.split(b"\r\n")),
    "bare_line_ends_decoded": sum(one.get_content().replace("\r\n", "").count("\n")
                                  for one in message.walk() if not one.is_multipart()),
    "bare_line_ends": raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"),
}))
