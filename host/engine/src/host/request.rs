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
