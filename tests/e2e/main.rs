//! End to end: real HTTP in, a scripted upstream, real policies. One binary, for it links fast.

mod bad_input;
mod byte_identity;
mod encodings;
mod examples;
mod hostile;
mod lifecycle;
mod paths;
mod reload;
mod requests;
mod sdks;
mod shell_tools;
mod tool_calls;
