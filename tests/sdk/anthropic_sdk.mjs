// Drives the official TypeScript SDK through one scenario and prints what it saw, as one line of JSON.
//
// Usage: SLUICE_URL=http://127.0.0.1:PORT SLUICE_TEST_NODE_MODULES=FOLDER node anthropic_sdk.mjs SCENARIO
// where FOLDER is the one that holds `node_modules`.
//
// It asserts nothing: the test that starts it does. An error of the SDK is an outcome like any other,
// under `error`; the exit status is not 0 only where this script itself is at fault.

import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.SLUICE_TEST_NODE_MODULES, "from-here.js"));
const Anthropic = require("@anthropic-ai/sdk");

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

// The SDK as a caller has it out of the box, but for a count of the HTTP requests it sends.
let requests = 0;
const sdk = new Anthropic({
  baseURL: process.env.SLUICE_URL,
  apiKey: "sk-ant-test-not-a-key",
  fetch: (...request) => {
    requests += 1;
    return fetch(...request);
  },
});

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

async function whole(scenario, seen, more) {
  Object.assign(seen, reply(await sdk.messages.create(ask(scenario, more))));
}

async function stream(scenario, seen, more) {
  seen.events = [];
  const events = sdk.messages.stream(ask(scenario, more));
  for await (const event of events) {
    seen.events.push(event.type);
  }
  seen.request_id = events.request_id ?? null;
  Object.assign(seen, reply(await events.finalMessage()));
}

async function countTokens(scenario, seen) {
  const { max_tokens: _, ...rest } = ask(scenario);
  seen.input_tokens = (await sdk.messages.countTokens(rest)).input_tokens;
}

async function models(_scenario, seen) {
  seen.models = [];
  for await (const model of sdk.models.list()) {
    seen.models.push(model.id);
  }
}

const SCENARIOS = {
  whole,
  whole_tools: (scenario, seen) => whole(scenario, seen, { tools: TOOLS }),
  stream,
  tools: (scenario, seen) => stream(scenario, seen, { tools: TOOLS }),
  refused: whole,
  refused_stream: stream,
  midstream_error: stream,
  stopped: stream,
  count_tokens: countTokens,
  models,
};

function error(fault) {
  return {
    class: fault.constructor.name,
    status: fault.status ?? null,
    type: fault.type ?? null,
    message: fault.apiMessage ?? fault.message,
    request_id: fault.requestID ?? null,
    should_retry: fault.headers?.get("x-should-retry") ?? null,
  };
}

const scenario = process.argv[2];
const seen = { sdk: `typescript ${require("@anthropic-ai/sdk/version").VERSION}`, scenario };
try {
  await SCENARIOS[scenario](scenario, seen);
} catch (fault) {
  if (!(fault instanceof Anthropic.AnthropicError)) throw fault;
  seen.error = error(fault);
}
seen.requests = requests;
seen.max_retries = sdk.maxRetries;
console.log(JSON.stringify(seen));
