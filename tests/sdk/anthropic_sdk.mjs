// Drives the official Anthropic SDK for TypeScript through one scenario and prints what it saw, as one line of JSON.
//
// Usage: SLUICE_URL=http://127.0.0.1:PORT SLUICE_TEST_NODE_MODULES=FOLDER node anthropic_sdk.mjs SCENARIO
// where FOLDER is the one that holds `node_modules`.
//
// It asserts nothing: the test that starts it does.

import { load, tell, TURNS } from "./seen.mjs";

const Anthropic = load("@anthropic-ai/sdk");
const { VERSION } = load("@anthropic-ai/sdk/version");

const TOOLS = [
  {
    name: "Bash",
    description: "Runs a shell command.",
    input_schema: {
      type: "object",
      properties: { command: { type: "string" } },
      required: ["command"],
    },
  },
];

function connect(fetch) {
  return new Anthropic({
    baseURL: process.env.SLUICE_URL,
    apiKey: process.env.SLUICE_KEY ?? "sk-ant-test-not-a-key",
    fetch,
  });
}

function ask(scenario, more = {}) {
  return {
    model: "claude-test",
    max_tokens: 1024,
    messages: [{ role: "user", content: `Scenario: ${scenario}` }],
    ...more,
  };
}

function reply(message) {
  const texts = message.content.filter((block) => block.type === "text").map(({ text }) => text);
  return {
    text: texts.join(""),
    texts,
    tool_use: message.content
      .filter((block) => block.type === "tool_use")
      .map(({ id, name, input }) => ({ id, name, input })),
    kinds: message.content.map((block) => block.type),
    stop_reason: message.stop_reason,
    usage: {
      input_tokens: message.usage.input_tokens,
      output_tokens: message.usage.output_tokens,
    },
  };
}

async function whole(sdk, scenario, seen, more) {
  Object.assign(seen, reply(await sdk.messages.create(ask(scenario, more))));
}

async function stream(sdk, scenario, seen, more) {
  seen.events = [];
  const events = sdk.messages.stream(ask(scenario, more));
  for await (const event of events) {
    seen.events.push(event.type);
  }
  seen.request_id = events.request_id ?? null;
  Object.assign(seen, reply(await events.finalMessage()));
}

async function countTokens(sdk, scenario, seen) {
  const { max_tokens: _, ...rest } = ask(scenario);
  seen.input_tokens = (await sdk.messages.countTokens(rest)).input_tokens;
}

async function models(sdk, _scenario, seen) {
  seen.models = [];
  for await (const model of sdk.models.list()) {
    seen.models.push(model.id);
  }
}

/** A conversation of many turns, every other of them streamed. */
async function session(sdk, scenario) {
  const question = ask(scenario);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const message =
      turn % 2 ? await sdk.messages.create(question) : await sdk.messages.stream(question).finalMessage();
    question.messages.push(
      { role: "assistant", content: reply(message).text },
      { role: "user", content: `Falcon, turn ${turn}` },
    );
  }
}

const SCENARIOS = {
  session,
  whole,
  whole_tools: (sdk, scenario, seen) => whole(sdk, scenario, seen, { tools: TOOLS }),
  stream,
  tools: (sdk, scenario, seen) => stream(sdk, scenario, seen, { tools: TOOLS }),
  refused: whole,
  refused_stream: stream,
  midstream_error: stream,
  stopped: stream,
  count_tokens: countTokens,
  models,
};

await tell(VERSION, connect, SCENARIOS, Anthropic.AnthropicError);
