//! `request`: the request of this exchange, readable in every hook and editable in `on-request`.

use sluice_protocol::{EditError, Request};
use wasmtime::Result;

use super::{HostState, Scope};
use crate::cause::Illegal;
use crate::convert;
use crate::wit::request::Host;
use crate::wit::types::{self, Block, BlockAddress, PlacedBlock, TextPage};

/// What an edit outside `on-request` is answered with.
const TOO_LATE: &str = "the request can be edited in `on-request` alone";

/// What handing over a block or a text costs, beside its bytes.
const BLOCK: usize = 64;

impl types::Host for HostState {}

impl Host for HostState {
    fn context(&mut self) -> Result<String> {
        let context = self.exchange()?.context_json().to_owned();
        self.pay(context.len())?;
        Ok(context)
    }

    fn model(&mut self) -> Result<String> {
        let model = self.read(|request| request.model())?;
        self.pay(model.len())?;
        Ok(model)
    }

    fn set_model(&mut self, model: String) -> Result<Result<(), String>> {
        self.pay_for_body()?;
        self.edit(|request| request.set_model(&model))
    }

    fn message_count(&mut self) -> Result<u32> {
        self.pay(1)?;
        self.read(|request| request.message_count())
    }

    fn message(&mut self, index: u32) -> Result<Vec<PlacedBlock>> {
        self.pay(1)?;
        let blocks = self.read(|request| request.message(index))?;
        self.handed(blocks)
    }

    fn news(&mut self) -> Result<Vec<PlacedBlock>> {
        self.pay(1)?;
        let blocks = self.read(|request| request.news())?;
        self.handed(blocks)
    }

    fn first_new(&mut self) -> Result<u32> {
        let count = self.message_count()?;
        self.pay(count as usize)?;
        self.read(|request| request.first_new())
    }

    fn texts(&mut self, message: Option<u32>, start: u32) -> Result<TextPage> {
        self.pay(1)?;
        let page = self.read(|request| request.texts(message, start))?;
        // A policy that was shown fewer texts than there are would let the rest pass.
        let page =
            page.map_err(|error| Illegal::error(format!("its edits can't be made: {error}")))?;
        let bytes = page.texts.iter().map(|text| BLOCK + text.text.len());
        self.pay(bytes.sum())?;
        Ok(page.into())
    }

    fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: Vec<(u32, String)>,
    ) -> Result<Result<(), String>> {
        self.pay(texts.iter().map(|(_, text)| BLOCK + text.len()).sum())?;
        self.edit(|request| request.replace_texts(message, &texts))
    }

    fn replace(&mut self, at: BlockAddress, blocks: Vec<Block>) -> Result<Result<(), String>> {
        let blocks = convert::blocks(blocks);
        self.pay(blocks.iter().map(size).sum())?;
        self.edit(|request| request.replace(at.into(), &blocks))
    }

    fn append_system(&mut self, text: String) -> Result<Result<(), String>> {
        self.pay_for_body()?;
        self.edit(|request| request.append_system(&text))
    }

    fn tool_names(&mut self) -> Result<Vec<String>> {
        self.pay_for_body()?;
        self.read(|request| request.tool_names())
    }

    fn remove_tool(&mut self, name: String) -> Result<Result<(), String>> {
        self.pay_for_body()?;
        self.edit(|request| request.remove_tool(&name))
    }

    fn get(&mut self, pointer: String) -> Result<Option<String>> {
        self.pay_for_body()?;
        self.read(|request| request.get(&pointer))
    }

    fn set(&mut self, pointer: String, value: String) -> Result<Result<(), String>> {
        self.pay_for_body()?;
        self.edit(|request| request.set(&pointer, &value))
    }

    fn body(&mut self) -> Result<String> {
        self.pay_for_body()?;
        self.read(|request| String::from_utf8_lossy(&request.body()).into_owned())
    }
}

impl HostState {
    /// Pays for so many bytes of the host's work.
    fn pay(&mut self, bytes: usize) -> Result<()> {
        self.work.pay(bytes, self.bounds.fuel)
    }

    /// Pays for what goes through the whole body.
    fn pay_for_body(&mut self) -> Result<()> {
        let size = self.read(|request| request.size())?;
        self.pay(size)
    }

    /// Pays for blocks that are handed to the policy.
    fn handed(&mut self, blocks: Vec<sluice_protocol::PlacedBlock>) -> Result<Vec<PlacedBlock>> {
        self.pay(blocks.iter().map(|placed| size(&placed.block)).sum())?;
        Ok(blocks.into_iter().map(Into::into).collect())
    }

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

/// What a block costs to hand over.
fn size(block: &sluice_protocol::Block) -> usize {
    BLOCK + block.size()
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
        let limits = Limits::default();
        let bounds = limits.call(limits.request_fuel, BODY.len());
        HostState::new(&limits, bounds, telemetry, scope)
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
