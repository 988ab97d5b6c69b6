"""Drives the official Python SDK through one scenario and prints what it saw, as one line of JSON.

Usage: SLUICE_URL=http://127.0.0.1:PORT python anthropic_sdk.py SCENARIO

It asserts nothing: the test that starts it does. An error of the SDK is an outcome like any other,
under `error`; the exit status is not 0 only where this script itself is at fault.
"""

import json
import os
import sys

import anthropic

TOOLS = [
    {
        "name": "Bash",
        "description": "Runs a shell command.",
        "input_schema": {
            "type": "object",
            "properties": {"command": {"type": "string"}},
            "required": ["command"],
        },
    }
]


class Client:
    """The SDK as a caller has it out of the box, but for a count of the HTTP requests it sends."""

    def __init__(self, url):
        self.requests = 0
        self.sdk = anthropic.Anthropic(
            base_url=url,
            api_key="sk-ant-test-not-a-key",
            http_client=anthropic.DefaultHttpxClient(event_hooks={"request": [self._count]}),
        )

    def _count(self, _request):
        self.requests += 1

    def ask(self, scenario, **more):
        return {
            "model": "claude-test",
            "max_tokens": 1024,
            "messages": [{"role": "user", "content": f"Scenario: {scenario}"}],
            **more,
        }


def reply(message):
    texts = [block.text for block in message.content if block.type == "text"]
    calls = [
        {"id": block.id, "name": block.name, "input": block.input}
        for block in message.content
        if block.type == "tool_use"
    ]
    return {
        "text": "".join(texts),
        "texts": texts,
        "tool_use": calls,
        "kinds": [block.type for block in message.content],
        "stop_reason": message.stop_reason,
        "usage": {
            "input_tokens": message.usage.input_tokens,
            "output_tokens": message.usage.output_tokens,
        },
    }


def whole(client, scenario, seen):
    seen.update(reply(client.sdk.messages.create(**client.ask(scenario))))


def stream(client, scenario, seen, **more):
    seen["events"] = []
    with client.sdk.messages.stream(**client.ask(scenario, **more)) as events:
        seen["request_id"] = events.request_id
        for event in events:
            seen["events"].append(event.type)
        seen.update(reply(events.get_final_message()))


def tools(client, scenario, seen):
    stream(client, scenario, seen, tools=TOOLS)


def count_tokens(client, scenario, seen):
    ask = client.ask(scenario)
    del ask["max_tokens"]
    seen["input_tokens"] = client.sdk.messages.count_tokens(**ask).input_tokens


def models(client, _scenario, seen):
    seen["models"] = [model.id for model in client.sdk.models.list()]


SCENARIOS = {
    "whole": whole,
    "whole_tools": lambda client, scenario, seen: seen.update(
        reply(client.sdk.messages.create(**client.ask(scenario, tools=TOOLS)))
    ),
    "stream": stream,
    "tools": tools,
    "refused": whole,
    "refused_stream": stream,
    "midstream_error": stream,
    "stopped": stream,
    "count_tokens": count_tokens,
    "models": models,
}


def error(fault):
    response = getattr(fault, "response", None)
    headers = response.headers if response is not None else {}
    return {
        "class": type(fault).__name__,
        "status": getattr(fault, "status_code", None),
        "type": getattr(fault, "type", None),
        "message": getattr(fault, "api_message", None) or str(fault),
        "request_id": getattr(fault, "request_id", None),
        "should_retry": headers.get("x-should-retry"),
    }


def main():
    scenario = sys.argv[1]
    client = Client(os.environ["SLUICE_URL"])
    seen = {"sdk": f"python {anthropic.__version__}", "scenario": scenario}
    try:
        SCENARIOS[scenario](client, scenario, seen)
    except anthropic.APIError as fault:
        seen["error"] = error(fault)
    seen["requests"] = client.requests
    seen["max_retries"] = client.sdk.max_retries
    print(json.dumps(seen))


main()
