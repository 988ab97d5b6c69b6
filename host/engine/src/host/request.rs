//! `request`: the request of this exchange, readable in every hook and editable in `on-request`.

use sluice_protocol::{EditError, Request};
use wasmtime::Result;

use super::{HostState, Scope};
use crate::convert;
use crate::wit::request::Host;
use crate::wit::types::{self, Block, BlockAddress, PlacedBlock};

/// What an edit outside `on-request` is answered with.
const TOO_LATE: &str = "the request can be edited in `on-request` alone";

impl types::Host for HostState {}

impl Host for HostState {
    fn context(&mut self) -> Result<String> {
        Ok(self.exchange()?.context_json().to_owned())
    }

    fn model(&mut self) -> Result<String> {
        self.read(|request| request.model())
    }

    fn set_model(&mut self, model: String) -> Result<Result<(), String>> {
        self.edit(|request| request.set_model(&model))
    }

    fn message_count(&mut self) -> Result<u32> {
        self.read(|request| request.message_count())
    }

    fn message(&mut self, index: u32) -> Result<Vec<PlacedBlock>> {
        self.read(|request| placed(request.message(index)))
    }

    fn news(&mut self) -> Result<Vec<PlacedBlock>> {
        self.read(|request| placed(request.news()))
    }

    fn replace(&mut self, at: BlockAddress, blocks: Vec<Block>) -> Result<Result<(), String>> {
        let blocks = convert::blocks(blocks);
        self.edit(|request| request.replace(at.into(), &blocks))
    }

    fn append_system(&mut self, text: String) -> Result<Result<(), String>> {
        self.edit(|request| request.append_system(&text))
    }

    fn tool_names(&mut self) -> Result<Vec<String>> {
        self.read(|request| request.tool_names())
    }

    fn remove_tool(&mut self, name: String) -> Result<Result<(), String>> {
        self.edit(|request| request.remove_tool(&name))
    }

    fn get(&mut self, pointer: String) -> Result<Option<String>> {
        self.read(|request| request.get(&pointer))
    }

    fn set(&mut self, pointer: String, value: String) -> Result<Result<(), String>> {
        self.edit(|request| request.set(&pointer, &value))
    }

    fn body(&mut self) -> Result<String> {
        self.read(|request| String::from_utf8_lossy(&request.body()).into_owned())
    }
}

impl HostState {
    fn read<R>(&self, read: impl FnOnce(&mut dyn Request) -> R) -> Result<R> {
        Ok(read(self.exchange()?.request().as_mut()))
    }

    fn edit(
        &mut self,
        edit: impl FnOnce(&mut dyn Request) -> Result<(), EditError>,
    ) -> Result<Result<(), String>> {
        let done = match &self.scope {
            Scope::Exchange {
                editable: false, ..
            } => return Ok(Err(TOO_LATE.to_owned())),
            _ => self.read(edit)?,
        };
        if let (Ok(()), Scope::Exchange { edited, .. }) = (&done, &mut self.scope) {
            *edited = true;
        }
        Ok(done.map_err(|e| e.to_string()))
    }
}

fn placed(blocks: Vec<sluice_protocol::PlacedBlock>) -> Vec<PlacedBlock> {
    blocks.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use sluice_protocol::anthropic;

    use super::{Host, TOO_LATE};
    use crate::host::{Exchange, HostState, Scope, Telemetry};
    use crate::{Context, Limits};

    const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;

    fn state(scope: Scope) -> HostState {
        let telemetry = Telemetry::new("p".into(), "x1".into(), Arc::default());
        HostState::new(&Limits::default(), telemetry, scope)
    }

    fn in_exchange(editable: bool) -> HostState {
        let limits = sluice_protocol::Limits::default();
        let request = anthropic::Request::parse(BODY.into(), &limits).unwrap();
        let context = Context {
            exchange: "x1".to_owned(),
            ..Context::default()
        };
        state(Scope::Exchange {
            exchange: Arc::new(Exchange::new(
                context,
                Arc::new(Mutex::new(Box::new(request))),
            )),
            editable,
            edited: false,
        })
    }

    #[test]
    fn the_request_is_readable_in_every_hook_of_an_exchange() {
        let mut state = in_exchange(false);
        assert_eq!(state.model().unwrap(), "m");
        assert_eq!(state.body().unwrap(), BODY);
        assert_eq!(state.news().unwrap().len(), 1);
        assert!(
            state
                .context()
                .unwrap()
                .starts_with(r#"{"exchange":"x1","session":null"#)
        );
    }

    #[test]
    fn an_edit_outside_on_request_is_an_error_and_changes_nothing() {
        let mut state = in_exchange(false);
        let edit = state.set_model("other".to_owned()).unwrap();
        assert_eq!(edit, Err(TOO_LATE.to_owned()));
        assert_eq!(state.body().unwrap(), BODY);
        assert!(!state.take_edited());
    }

    #[test]
    fn an_edit_in_on_request_is_made_and_seen_once() {
        let mut state = in_exchange(true);
        assert_eq!(state.set_model("other".to_owned()).unwrap(), Ok(()));
        assert_eq!(state.model().unwrap(), "other");
        assert!(state.take_edited());
        assert!(!state.take_edited());
    }

    #[test]
    fn an_edit_that_fails_is_no_edit() {
        let mut state = in_exchange(true);
        let edit = state.set("/messages/7/role".to_owned(), "\"user\"".to_owned());
        assert!(edit.unwrap().is_err());
        assert!(!state.take_edited());
    }

    #[test]
    fn there_is_no_request_while_a_policy_is_loaded() {
        let mut state = state(Scope::Load { hook: "configure" });
        let read = state.model().unwrap_err().to_string();
        assert_eq!(
            read,
            "it used `request` in `configure`, where there is no request"
        );
        let edit = state.set_model("m".to_owned()).unwrap_err().to_string();
        assert_eq!(edit, read);
    }
}
