//! End to end: real HTTP, a scripted upstream, real policies. It is one binary, because that links
//! fast.

mod agents;
mod bad_input;
mod byte_identity;
mod code_mode;
mod connections;
mod encoded_requests;
mod encodings;
mod examples;
mod hostile;
mod lifecycle;
mod paths;
mod redirects;
mod reload;
mod replies;
mod requests;
mod routes;
mod rules;
mod sdks;
mod shell_tools;
mod size;
mod stalls;
mod tool_calls;
mod unread;
mod web_pages;
mod writes;
