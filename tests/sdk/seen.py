"""What the scripts for the Python SDKs have in common: one scenario, and what was seen as one line of JSON.

An error of the SDK is an outcome like any other, under `error`; the exit status is not 0 only where a
script itself is at fault, or the SDK gave up in a way that is none of its own errors.
"""

import json
import sys

import httpx2

# How many turns a session has.
TURNS = 20


class Requests:
    """The HTTP requests that an SDK sends, retries among them."""

    def __init__(self):
        self.sent = 0

    def count(self, _request):
        self.sent += 1


class Tap(httpx2.BaseTransport):
    """Keeps the body of each reply as it came."""

    def __init__(self):
        self.transport = httpx2.HTTPTransport()
        self.bodies = []

    def handle_request(self, request):
        response = self.transport.handle_request(request)
        body = bytearray()
        self.bodies.append(body)
        tapped = Tapped(response.stream, body)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=tapped,
            extensions=response.extensions,
        )


class Tapped(httpx2.SyncByteStream):
    def __init__(self, stream, body):
        self.stream = stream
        self.body = body

    def __iter__(self):
        for chunk in self.stream:
            self.body.extend(chunk)
            yield chunk

    def close(self):
        self.stream.close()


def tell(package, connect, scenarios, errors):
    """Runs the scenario that the command line names and prints what came of it.

    `connect` makes the SDK as a caller has it out of the box, but for the HTTP client, which counts.
    """
    requests = Requests()
    scenario = sys.argv[1]
    hooks = {"request": [requests.count]}
    # What a session received is compared byte for byte.
    tap = Tap() if scenario.endswith("session") else None
    more = {"transport": tap} if tap else {}
    sdk = connect(package.DefaultHttpxClient(event_hooks=hooks, **more))
    seen = {"sdk": f"python {package.__version__}", "scenario": scenario}
    try:
        scenarios[scenario](sdk, scenario, seen)
    except errors as fault:
        seen["error"] = error(fault)
    seen["requests"] = requests.sent
    seen["max_retries"] = sdk.max_retries
    if tap:
        seen["bodies"] = [body.decode() for body in tap.bodies]
    print(json.dumps(seen))


def error(fault):
    response = getattr(fault, "response", None)
    headers = response.headers if response is not None else {}
    return {
        "class": type(fault).__name__,
        "status": getattr(fault, "status_code", None),
        "type": getattr(fault, "type", None),
        "code": getattr(fault, "code", None),
        "message": getattr(fault, "api_message", None) or told(fault) or str(fault),
        "request_id": getattr(fault, "request_id", None),
        "should_retry": headers.get("x-should-retry"),
    }


def told(fault):
    """The message as the API worded it, where the SDK keeps it in the body."""
    body = getattr(fault, "body", None)
    return body.get("message") if isinstance(body, dict) else None
