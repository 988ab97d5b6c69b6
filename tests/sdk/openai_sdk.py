"""Drives the official OpenAI SDK for Python through one scenario and prints what it saw, as one line of JSON.

Usage: SLUICE_URL=http://127.0.0.1:PORT python openai_sdk.py SCENARIO

Scenarios of Chat Completions begin with `chat_`, those of Responses with `responses_`. It asserts nothing:
the test that starts it does.
"""

import json
import os

import openai
import pydantic

from seen import TURNS, tell

PARAMETERS = {
    "Bash": {"command": {"type": "string"}},
    "Read": {"file_path": {"type": "string"}},
}


class Weather(pydantic.BaseModel):
    city: str
    degrees: int


def connect(http_client):
    return openai.OpenAI(
        base_url=os.environ["SLUICE_URL"] + "/v1",
        api_key=os.environ.get("SLUICE_KEY", "sk-test-not-a-key"),
        http_client=http_client,
    )


def functions():
    return [
        {
            "name": name,
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
        }
        for name, properties in PARAMETERS.items()
    ]


def arguments(text):
    """A call's arguments as the agent reads them; the text itself where it can't."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def plain(parsed):
    return parsed.model_dump() if parsed is not None else None


# Chat Completions.

CHAT_TOOLS = {
    "tools": [{"type": "function", "function": function} for function in functions()],
    "parallel_tool_calls": True,
}

# What a delta may carry, in the order in which it is noted.
DELTAS = ("role", "content", "refusal", "tool_calls")


def chat(scenario, **more):
    return {
        "model": "gpt-test",
        "messages": [{"role": "user", "content": f"Scenario: {scenario}"}],
        **more,
    }


def chat_call(call):
    if call.type == "custom":
        return {"id": call.id, "name": call.custom.name, "arguments": call.custom.input}
    return {
        "id": call.id,
        "name": call.function.name,
        "arguments": arguments(call.function.arguments),
    }


def chat_reply(completion):
    choice = completion.choices[0]
    usage = completion.usage
    return {
        "text": choice.message.content or "",
        "refusal": choice.message.refusal,
        "tool_calls": [chat_call(call) for call in choice.message.tool_calls or []],
        "stop": choice.finish_reason,
        "parsed": plain(getattr(choice.message, "parsed", None)),
        "choices": len(completion.choices),
        "usage": usage and {"input": usage.prompt_tokens, "output": usage.completion_tokens},
    }


def chat_whole(sdk, scenario, seen, **more):
    completion = sdk.chat.completions.create(**chat(scenario, **more))
    seen["request_id"] = completion._request_id
    seen.update(chat_reply(completion))


def chat_structured(sdk, scenario, seen):
    completion = sdk.chat.completions.parse(**chat(scenario, response_format=Weather))
    seen.update(chat_reply(completion))


def chat_stream(sdk, scenario, seen, **more):
    """With the SDK's helper, which puts the chunks together."""
    seen["events"] = []
    more["stream_options"] = {"include_usage": True}
    with sdk.chat.completions.stream(**chat(scenario, **more)) as events:
        for event in events:
            seen["events"].append(event.type)
        seen.update(chat_reply(events.get_final_completion()))


def chat_raw(sdk, scenario, seen, **more):
    """Chunk by chunk, put together the way an agent does that uses no helper."""
    seen.update(events=[], text="", stop=None)
    calls = {}
    with sdk.chat.completions.create(**chat(scenario, stream=True, **more)) as chunks:
        seen["request_id"] = chunks.response.headers.get("x-request-id")
        for chunk in chunks:
            for choice in chunk.choices:
                seen["events"] += [name for name in DELTAS if getattr(choice.delta, name) is not None]
                seen["events"] += filter(None, [choice.finish_reason])
                seen["text"] += choice.delta.content or ""
                seen["stop"] = choice.finish_reason or seen["stop"]
                for piece in choice.delta.tool_calls or []:
                    call = calls.setdefault(piece.index, {"id": piece.id, "name": "", "arguments": ""})
                    call["name"] += piece.function.name or ""
                    call["arguments"] += piece.function.arguments or ""
    in_order = [calls[index] for index in sorted(calls)]
    seen["tool_calls"] = [{**call, "arguments": arguments(call["arguments"])} for call in in_order]


def chat_abort(sdk, scenario, seen):
    chunks = sdk.chat.completions.create(**chat(scenario, stream=True))
    deltas = (choice.delta.content for chunk in chunks for choice in chunk.choices)
    seen["text"] = next(filter(None, deltas))
    chunks.close()
    seen["aborted"] = True


# Responses.

RESPONSES_TOOLS = {
    "tools": [{"type": "function", **function} for function in functions()],
    "parallel_tool_calls": True,
}


def ask(scenario, **more):
    return {"model": "gpt-test", "input": f"Scenario: {scenario}", **more}


def responses_call(item):
    if item.type == "custom_tool_call":
        return {"id": item.call_id, "name": item.name, "arguments": item.input}
    return {"id": item.call_id, "name": item.name, "arguments": arguments(item.arguments)}


def responses_reply(response):
    usage = response.usage
    return {
        "id": response.id,
        "text": response.output_text,
        "tool_calls": calls_of(response.output),
        "kinds": [item.type for item in response.output],
        "stop": response.status,
        "incomplete": response.incomplete_details and response.incomplete_details.reason,
        "failure": response.error and {"code": response.error.code, "message": response.error.message},
        "parsed": plain(getattr(response, "output_parsed", None)),
        "usage": usage and {"input": usage.input_tokens, "output": usage.output_tokens},
    }


def calls_of(items):
    return [responses_call(item) for item in items if item.type in ("function_call", "custom_tool_call")]


def responses_whole(sdk, scenario, seen, **more):
    response = sdk.responses.create(**ask(scenario, **more))
    seen["request_id"] = response._request_id
    seen.update(responses_reply(response))


def responses_structured(sdk, scenario, seen):
    seen.update(responses_reply(sdk.responses.parse(**ask(scenario, text_format=Weather))))


def responses_stream(sdk, scenario, seen, **more):
    """With the SDK's helper, which puts the events together."""
    seen["events"] = []
    with sdk.responses.stream(**ask(scenario, **more)) as events:
        for event in events:
            seen["events"].append(event.type)
            # The helper has a final response for those alone that completed.
            if event.type in ("response.incomplete", "response.failed"):
                seen.update(responses_reply(event.response))
        if seen["events"][-1:] == ["response.completed"]:
            seen.update(responses_reply(events.get_final_response()))


def responses_raw(sdk, scenario, seen, **more):
    """Event by event, put together the way an agent does that uses no helper."""
    seen.update(events=[], text="", stop=None)
    items = []
    with sdk.responses.create(**ask(scenario, stream=True, **more)) as events:
        seen["request_id"] = events.response.headers.get("x-request-id")
        for event in events:
            seen["events"].append(event.type)
            if event.type == "response.output_text.delta":
                seen["text"] += event.delta
            elif event.type == "response.output_item.done":
                items.append(event.item)
            elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                seen["stop"] = event.response.status
                seen["final"] = responses_reply(event.response)
    seen["tool_calls"] = calls_of(items)
    seen["kinds"] = [item.type for item in items]


def responses_abort(sdk, scenario, seen):
    events = sdk.responses.create(**ask(scenario, stream=True))
    deltas = (event.delta for event in events if event.type == "response.output_text.delta")
    seen["text"] = next(deltas)
    events.close()
    seen["aborted"] = True


def retrieve(sdk, _scenario, seen):
    seen.update(responses_reply(sdk.responses.retrieve("resp_test")))


def cancel(sdk, _scenario, seen):
    seen.update(responses_reply(sdk.responses.cancel("resp_test")))


def delete(sdk, _scenario, seen):
    sdk.responses.delete("resp_test")
    seen["deleted"] = True


# Conversations of many turns, every other of them streamed.


def chat_session(sdk, scenario, seen):
    question = chat(scenario)
    for turn in range(TURNS):
        if turn % 2:
            completion = sdk.chat.completions.create(**question)
        else:
            with sdk.chat.completions.stream(**question) as events:
                completion = events.get_final_completion()
        text = completion.choices[0].message.content
        question["messages"] += go_on(text, turn)


def responses_session(sdk, scenario, seen):
    question = ask(scenario)
    question["input"] = [{"role": "user", "content": f"Scenario: {scenario}"}]
    for turn in range(TURNS):
        if turn % 2:
            response = sdk.responses.create(**question)
        else:
            with sdk.responses.stream(**question) as events:
                response = events.get_final_response()
        question["input"] += go_on(response.output_text, turn)


def go_on(text, turn):
    return [
        {"role": "assistant", "content": text},
        {"role": "user", "content": f"Falcon, turn {turn}"},
    ]


# The rest.


def embeddings(sdk, _scenario, seen):
    # Asks for base64 and decodes it, as long as nobody says otherwise.
    found = sdk.embeddings.create(model="embedding-test", input=["one", "two"])
    seen["embeddings"] = [embedding.embedding for embedding in found.data]


def models(sdk, _scenario, seen):
    seen["models"] = [model.id for model in sdk.models.list()]


def alike(api, whole, stream, raw, structured, abort, tools, form):
    """The scenarios of an API that the other has too."""
    scenarios = {
        "whole": whole,
        "whole_tools": lambda *of: whole(*of, **tools),
        "stream": stream,
        "raw": raw,
        "tools": lambda *of: stream(*of, **tools),
        "raw_tools": lambda *of: raw(*of, **tools),
        "structured": structured,
        "structured_stream": lambda *of: stream(*of, **form),
        "refused": whole,
        "refused_stream": stream,
        "midstream_error": stream,
        "stopped": stream,
        "abort": abort,
    }
    return {f"{api}_{name}": run for name, run in scenarios.items()}


CHAT = (chat_whole, chat_stream, chat_raw, chat_structured, chat_abort)
RESPONSES = (
    responses_whole,
    responses_stream,
    responses_raw,
    responses_structured,
    responses_abort,
)
SCENARIOS = {
    **alike("chat", *CHAT, CHAT_TOOLS, {"response_format": Weather}),
    **alike("responses", *RESPONSES, RESPONSES_TOOLS, {"text_format": Weather}),
    "chat_session": chat_session,
    "responses_session": responses_session,
    "retrieve": retrieve,
    "cancel": cancel,
    "delete": delete,
    "embeddings": embeddings,
    "models": models,
}

tell(openai, connect, SCENARIOS, openai.OpenAIError)
