"""Posts events signed by Stripe's Python library, and prints what each was answered.

    sign.py URL SECRET GOOD_FILE REFUSED_FILE
"""

import sys
import time
import urllib.error
import urllib.request

from stripe import WebhookSignature

URL, SECRET, GOOD_FILE, REFUSED_FILE = sys.argv[1:]
NOW = int(time.time())


def post(name, file, secret, timestamp):
    """Sends the event in `file`, signed with `secret` at `timestamp`."""
    with open(file, encoding="utf-8") as opened:
        payload = opened.read()
    signature = WebhookSignature.generate_signature_header(payload, secret, timestamp)
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
    request = urllib.request.Request(URL, payload.encode(), headers, method="POST")
    try:
        status = urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as error:
        status = error.code
    print(name, status)


post("stale", REFUSED_FILE, SECRET, NOW - 400)
post("forged", REFUSED_FILE, "whsec_of_somebody_else", NOW)
post("good", GOOD_FILE, SECRET, NOW)
post("repeated", GOOD_FILE, SECRET, NOW + 1)
