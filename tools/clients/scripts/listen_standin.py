"""Stands in for the part of Stripe that `stripe listen` connects to, on the loopback only.

    listen_standin.py PORT SECRET FILE

Opens the session that the command asks for, sends it the event in FILE, signed with SECRET as
Stripe would, and ends when the command reports what its target answered: exit code 0 where that
was a 200, else 1.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time

from aiohttp import WSMsgType, web

PORT, SECRET, FILE = int(sys.argv[1]), sys.argv[2], sys.argv[3]


async def session(request):
    """What the command asks for first: where to connect, and the secret to print."""
    return web.json_response({
        "websocket_id": "cliws_1",
        "websocket_url": f"ws://127.0.0.1:{PORT}/subscribe/acct_1",
        "websocket_authorized_feature": "webhooks",
        "reconnect_delay": 60,
        "secret": SECRET,
        "default_version": "2025-09-30.clover",
        "latest_version": "2025-09-30.clover",
        "display_connect_filter_warning": False,
    })


def webhook_event():
    """The event as the command receives it: the body, and the headers to send it with."""
    with open(FILE, encoding="utf-8") as file:
        body = file.read()
    timestamp = int(time.time())
    signed = f"{timestamp}.{body}".encode()
    signature = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "type": "webhook_event",
        "endpoint": {"api_version": None},
        "event_payload": body,
        "webhook_id": "wh_1",
        "webhook_conversation_id": "wc_1",
        "http_headers": {
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": f"t={timestamp},v1={signature},v0={'0' * 64}",
        },
    }


async def subscribe(request):
    """The command's websocket: one event down, one report up."""
    socket = web.WebSocketResponse(protocols=["stripecli-devproxy-v1"])
    await socket.prepare(request)
    await socket.send_json(webhook_event())
    async for message in socket:
        report = json.loads(message.data) if message.type == WSMsgType.TEXT else {}
        if report.get("type") == "webhook_response":
            request.app["answered"].set_result(report.get("status"))
    return socket


async def main():
    """Serves until the report is there."""
    app = web.Application()
    app["answered"] = asyncio.get_running_loop().create_future()
    app.router.add_post("/v1/stripecli/sessions", session)
    app.router.add_get("/subscribe/{account}", subscribe)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    status = await app["answered"]
    print("stripe listen forwarded the event; the answer was", status)
    return 0 if status == 200 else 1


sys.exit(asyncio.run(main()))
