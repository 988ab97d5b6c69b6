// What the scripts for the TypeScript SDKs have in common: one scenario, and what was seen as one line of JSON.
//
// An error of the SDK is an outcome like any other, under `error`; the exit status is not 0 only where a
// script itself is at fault, or the SDK gave up in a way that is none of its own errors.

import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads one of the installed SDKs. */
export const load = createRequire(join(process.env.SLUICE_TEST_NODE_MODULES, "from-here.js"));

/** How many turns a session has. */
export const TURNS = 20;

/**
 * Runs the scenario that the command line names and prints what came of it.
 *
 * `connect` makes the SDK as a caller has it out of the box, but for its `fetch`, which counts.
 */
export async function tell(version, connect, scenarios, errors) {
  let requests = 0;
  const scenario = process.argv[2];
  // What a session received is compared byte for byte.
  const bodies = scenario.endsWith("session") ? [] : undefined;
  const sdk = connect(async (...request) => {
    requests += 1;
    const response = await fetch(...request);
    if (!bodies) return response;
    const [read, kept] = response.body.tee();
    bodies.push(new Response(kept).text());
    return new Response(read, response);
  });
  const seen = { sdk: `typescript ${version}`, scenario };
  try {
    await scenarios[scenario](sdk, scenario, seen);
  } catch (fault) {
    if (!(fault instanceof errors)) throw fault;
    seen.error = error(fault);
  }
  seen.requests = requests;
  seen.max_retries = sdk.maxRetries;
  if (bodies) seen.bodies = await Promise.all(bodies);
  console.log(JSON.stringify(seen));
}

function error(fault) {
  return {
    class: fault.constructor.name,
    status: fault.status ?? null,
    type: fault.type ?? null,
    code: fault.code ?? null,
    // The message as the API worded it, where the SDK keeps it.
    message: fault.apiMessage ?? fault.error?.message ?? fault.message,
    request_id: fault.requestID ?? null,
    should_retry: fault.headers?.get("x-should-retry") ?? null,
  };
}
