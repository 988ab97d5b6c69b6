//! A middleware for smg, the model gateway of `SGLang`, that lets everything pass.
//!
//! It is the counterpart of Sluice's `keep-all` policy: it costs a call of a component and nothing
//! else.

mod bindings;

use bindings::exports::smg::gateway::middleware_on_request::{self, Request};
use bindings::exports::smg::gateway::middleware_on_response::{self, Response};
use bindings::smg::gateway::middleware_types::Action;

struct Noop;

impl middleware_on_request::Guest for Noop {
    fn on_request(_: Request) -> Action {
        Action::Continue
    }
}

impl middleware_on_response::Guest for Noop {
    fn on_response(_: Response) -> Action {
        Action::Continue
    }
}
