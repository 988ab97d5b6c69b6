// Drives the official OpenAI SDK for TypeScript through one scenario and prints what it saw, as one line of JSON.
//
// Usage: SLUICE_URL=http://127.0.0.1:PORT SLUICE_TEST_NODE_MODULES=FOLDER node openai_sdk.mjs SCENARIO
// where FOLDER is the one that holds `node_modules`.
//
// Scenarios of Chat Completions begin with `chat_`, those of Responses with `responses_`. It asserts nothing:
// the test that starts it does.

import { load, tell, TURNS } from "./seen.mjs";

const OpenAI = load("openai");
const { VERSION } = load("openai/version");

const functions = [
  ["Bash", { command: { type: "string" } }],
  ["Read", { file_path: { type: "string" } }],
].map(([name, properties]) => ({ name, strict: true, parameters: schema(properties) }));

const WEATHER = {
  name: "Weather",
  strict: true,
  schema: schema({ city: { type: "string" }, degrees: { type: "integer" } }),
};

function connect(fetch) {
  return new OpenAI({
    baseURL: `${process.env.SLUICE_URL}/v1`,
    apiKey: process.env.SLUICE_KEY ?? "sk-test-not-a-key",
    fetch,
  });
}

function schema(properties) {
  const required = Object.keys(properties);
  return { type: "object", properties, required, additionalProperties: false };
}

/** A call's arguments as the agent reads them; the text itself where it can't. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// Chat Completions.

const CHAT_TOOLS = {
  tools: functions.map((definition) => ({ type: "function", function: definition })),
  parallel_tool_calls: true,
};

const CHAT_FORMAT = { response_format: { type: "json_schema", json_schema: WEATHER } };

const CHAT_EVENTS = [
  "chunk",
  "content.delta",
  "content.done",
  "refusal.delta",
  "refusal.done",
  "tool_calls.function.arguments.delta",
  "tool_calls.function.arguments.done",
];

// What a delta may carry, in the order in which it is noted.
const DELTAS = ["role", "content", "refusal", "tool_calls"];

function chat(scenario, more = {}) {
  return {
    model: "gpt-test",
    messages: [{ role: "user", content: `Scenario: ${scenario}` }],
    ...more,
  };
}

function chatCall({ id, type, custom, function: called }) {
  return type === "custom"
    ? { id, name: custom.name, arguments: custom.input }
    : { id, name: called.name, arguments: parsed(called.arguments) };
}

function chatReply(completion) {
  const { message, finish_reason } = completion.choices[0];
  const { usage } = completion;
  return {
    text: message.content ?? "",
    refusal: message.refusal ?? null,
    tool_calls: (message.tool_calls ?? []).map(chatCall),
    stop: finish_reason,
    parsed: message.parsed ?? null,
    choices: completion.choices.length,
    usage: usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : null,
  };
}

async function chatWhole(sdk, scenario, seen, more) {
  const completion = await sdk.chat.completions.create(chat(scenario, more));
  seen.request_id = completion._request_id ?? null;
  Object.assign(seen, chatReply(completion));
}

async function chatStructured(sdk, scenario, seen) {
  Object.assign(seen, chatReply(await sdk.chat.completions.parse(chat(scenario, CHAT_FORMAT))));
}

/** With the SDK's helper, which puts the chunks together. */
async function chatStream(sdk, scenario, seen, more) {
  seen.events = [];
  const question = chat(scenario, { ...more, stream_options: { include_usage: true } });
  const events = sdk.chat.completions.stream(question);
  for (const name of CHAT_EVENTS) {
    events.on(name, () => seen.events.push(name));
  }
  Object.assign(seen, chatReply(await events.finalChatCompletion()));
}

/** Chunk by chunk, put together the way an agent does that uses no helper. */
async function chatRaw(sdk, scenario, seen, more) {
  Object.assign(seen, { events: [], text: "", stop: null });
  const calls = [];
  const question = chat(scenario, { ...more, stream: true });
  const { data: chunks, request_id } = await sdk.chat.completions.create(question).withResponse();
  seen.request_id = request_id;
  for await (const chunk of chunks) {
    for (const { delta, finish_reason } of chunk.choices) {
      seen.events.push(...DELTAS.filter((name) => delta[name] != null));
      if (finish_reason) seen.events.push(finish_reason);
      seen.text += delta.content ?? "";
      seen.stop = finish_reason ?? seen.stop;
      for (const { index, id, function: called } of delta.tool_calls ?? []) {
        calls[index] ??= { id, name: "", arguments: "" };
        calls[index].name += called.name ?? "";
        calls[index].arguments += called.arguments ?? "";
      }
    }
  }
  seen.tool_calls = calls.map((call) => ({ ...call, arguments: parsed(call.arguments) }));
}

async function chatAbort(sdk, scenario, seen) {
  const chunks = await sdk.chat.completions.create(chat(scenario, { stream: true }));
  for await (const { choices } of chunks) {
    seen.text = choices[0]?.delta.content ?? "";
    if (seen.text) chunks.controller.abort();
  }
  seen.aborted = chunks.controller.signal.aborted;
}

// Responses.

const RESPONSES_TOOLS = {
  tools: functions.map((definition) => ({ type: "function", ...definition })),
  parallel_tool_calls: true,
};

const RESPONSES_FORMAT = { text: { format: { type: "json_schema", ...WEATHER } } };

function ask(scenario, more = {}) {
  return { model: "gpt-test", input: `Scenario: ${scenario}`, ...more };
}

function callsOf(items) {
  return items
    .filter(({ type }) => ["function_call", "custom_tool_call"].includes(type))
    .map((item) => ({
      id: item.call_id,
      name: item.name,
      arguments: item.type === "custom_tool_call" ? item.input : parsed(item.arguments),
    }));
}

/** What the SDK has as `output_text`, but not in a stream's events. */
function textOf(items) {
  const parts = items.filter(({ type }) => type === "message").flatMap(({ content }) => content);
  return parts.map(({ text }) => text ?? "").join("");
}

function responsesReply(response) {
  const { error, usage } = response;
  return {
    id: response.id,
    text: textOf(response.output),
    tool_calls: callsOf(response.output),
    kinds: response.output.map(({ type }) => type),
    stop: response.status,
    incomplete: response.incomplete_details?.reason ?? null,
    failure: error ? { code: error.code, message: error.message } : null,
    parsed: response.output_parsed ?? null,
    usage: usage ? { input: usage.input_tokens, output: usage.output_tokens } : null,
  };
}

async function responsesWhole(sdk, scenario, seen, more) {
  const response = await sdk.responses.create(ask(scenario, more));
  seen.request_id = response._request_id ?? null;
  Object.assign(seen, responsesReply(response));
}

async function responsesStructured(sdk, scenario, seen) {
  Object.assign(seen, responsesReply(await sdk.responses.parse(ask(scenario, RESPONSES_FORMAT))));
}

/** With the SDK's helper, which puts the events together. */
async function responsesStream(sdk, scenario, seen, more) {
  seen.events = [];
  const events = sdk.responses.stream(ask(scenario, more));
  for await (const event of events) {
    seen.events.push(event.type);
  }
  Object.assign(seen, responsesReply(await events.finalResponse()));
}

/** Event by event, put together the way an agent does that uses no helper. */
async function responsesRaw(sdk, scenario, seen, more) {
  Object.assign(seen, { events: [], text: "", stop: null });
  const items = [];
  const question = ask(scenario, { ...more, stream: true });
  const { data: events, request_id } = await sdk.responses.create(question).withResponse();
  seen.request_id = request_id;
  for await (const event of events) {
    seen.events.push(event.type);
    if (event.type === "response.output_text.delta") {
      seen.text += event.delta;
    } else if (event.type === "response.output_item.done") {
      items.push(event.item);
    } else if (["response.completed", "response.incomplete", "response.failed"].includes(event.type)) {
      seen.stop = event.response.status;
      seen.final = responsesReply(event.response);
    }
  }
  seen.tool_calls = callsOf(items);
  seen.kinds = items.map(({ type }) => type);
}

async function responsesAbort(sdk, scenario, seen) {
  const events = await sdk.responses.create(ask(scenario, { stream: true }));
  for await (const event of events) {
    if (event.type === "response.output_text.delta") {
      seen.text = event.delta;
      events.controller.abort();
    }
  }
  seen.aborted = events.controller.signal.aborted;
}

async function retrieve(sdk, _scenario, seen) {
  Object.assign(seen, responsesReply(await sdk.responses.retrieve("resp_test")));
}

async function cancel(sdk, _scenario, seen) {
  Object.assign(seen, responsesReply(await sdk.responses.cancel("resp_test")));
}

async function remove(sdk, _scenario, seen) {
  await sdk.responses.delete("resp_test");
  seen.deleted = true;
}

// The rest.

async function embeddings(sdk, _scenario, seen) {
  // Asks for base64 and decodes it, as long as nobody says otherwise.
  const question = { model: "embedding-test", input: ["one", "two"] };
  const found = await sdk.embeddings.create(question);
  seen.embeddings = found.data.map(({ embedding }) => embedding);
}

async function models(sdk, _scenario, seen) {
  seen.models = [];
  for await (const model of sdk.models.list()) {
    seen.models.push(model.id);
  }
}

// Conversations of many turns, every other of them streamed.

async function chatSession(sdk, scenario) {
  const question = chat(scenario);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const completion =
      turn % 2
        ? await sdk.chat.completions.create(question)
        : await sdk.chat.completions.stream(question).finalChatCompletion();
    question.messages.push(...goOn(completion.choices[0].message.content, turn));
  }
}

async function responsesSession(sdk, scenario) {
  const question = { ...ask(scenario), input: [{ role: "user", content: `Scenario: ${scenario}` }] };
  for (let turn = 0; turn < TURNS; turn += 1) {
    const response =
      turn % 2
        ? await sdk.responses.create(question)
        : await sdk.responses.stream(question).finalResponse();
    question.input.push(...goOn(response.output_text, turn));
  }
}

function goOn(text, turn) {
  return [
    { role: "assistant", content: text },
    { role: "user", content: `Falcon, turn ${turn}` },
  ];
}

/** The scenarios of an API that the other has too. */
function alike(api, { whole, stream, raw, structured, abort }, tools, format) {
  const scenarios = {
    whole,
    whole_tools: (...of) => whole(...of, tools),
    stream,
    raw,
    tools: (...of) => stream(...of, tools),
    raw_tools: (...of) => raw(...of, tools),
    structured,
    structured_stream: (...of) => stream(...of, format),
    refused: whole,
    refused_stream: stream,
    midstream_error: stream,
    stopped: stream,
    abort,
  };
  return Object.fromEntries(Object.entries(scenarios).map(([name, run]) => [`${api}_${name}`, run]));
}

const CHAT = {
  whole: chatWhole,
  stream: chatStream,
  raw: chatRaw,
  structured: chatStructured,
  abort: chatAbort,
};

const RESPONSES = {
  whole: responsesWhole,
  stream: responsesStream,
  raw: responsesRaw,
  structured: responsesStructured,
  abort: responsesAbort,
};

const SCENARIOS = {
  ...alike("chat", CHAT, CHAT_TOOLS, CHAT_FORMAT),
  ...alike("responses", RESPONSES, RESPONSES_TOOLS, RESPONSES_FORMAT),
  chat_session: chatSession,
  responses_session: responsesSession,
  retrieve,
  cancel,
  delete: remove,
  embeddings,
  models,
};

await tell(VERSION, connect, SCENARIOS, OpenAI.OpenAIError);
