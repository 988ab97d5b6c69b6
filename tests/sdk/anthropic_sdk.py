"""Drives the official Anthropic SDK for Python through one scenario and prints what it saw, as one line of JSON.

Usage: SLUICE_URL=http://127.0.0.1:PORT python anthropic_sdk.py SCENARIO

It asserts nothing: the test that starts it does.
"""

import os

import anthropic

from seen import TURNS, tell

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


def connect(http_client):
    return anthropic.Anthropic(
        base_url=os.environ["SLUICE_URL"],
        api_key=os.environ.get("SLUICE_KEY", "sk-ant-test-not-a-key"),
        http_client=http_client,
    )


def ask(scenario, **more):
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


def whole(sdk, scenario, seen):
    seen.update(reply(sdk.messages.create(**ask(scenario))))


def stream(sdk, scenario, seen, **more):
    seen["events"] = []
    with sdk.messages.stream(**ask(scenario, **more)) as events:
        seen["request_id"] = events.request_id
        for event in events:
            seen["events"].append(event.type)
        seen.update(reply(events.get_final_message()))


def tools(sdk, scenario, seen):
    stream(sdk, scenario, seen, tools=TOOLS)


def count_tokens(sdk, scenario, seen):
    question = ask(scenario)
    del question["max_tokens"]
    seen["input_tokens"] = sdk.messages.count_tokens(**question).input_tokens


def models(sdk, _scenario, seen):
    seen["models"] = [model.id for model in sdk.models.list()]


def session(sdk, scenario, seen):
    """A conversation of many turns, every other of them streamed."""
    question = ask(scenario)
    for turn in range(TURNS):
        if turn % 2:
            message = sdk.messages.create(**question)
        else:
            with sdk.messages.stream(**question) as events:
                message = events.get_final_message()
        question["messages"] += [
            {"role": "assistant", "content": reply(message)["text"]},
            {"role": "user", "content": f"Falcon, turn {turn}"},
        ]


SCENARIOS = {
    "session": session,
    "whole": whole,
    "whole_tools": lambda sdk, scenario, seen: seen.update(
        reply(sdk.messages.create(**ask(scenario, tools=TOOLS)))
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


tell(anthropic, connect, SCENARIOS, anthropic.APIError)
