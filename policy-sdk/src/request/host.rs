//! The request as the host gives it.

use crate::bindings::sluice::policy::request as wit;
use crate::{Block, BlockAddress, EditError, PlacedBlock};

/// Each call goes to the host; nothing is kept here.
#[derive(Default)]
pub(crate) struct Host;

impl Host {
    pub(super) fn context(&self) -> String {
        wit::context()
    }

    pub(super) fn model(&self) -> String {
        wit::model()
    }

    pub(super) fn set_model(&mut self, model: &str) -> Result<(), EditError> {
        wit::set_model(model).map_err(EditError)
    }

    pub(super) fn message_count(&self) -> u32 {
        wit::message_count()
    }

    pub(super) fn message(&self, index: u32) -> Vec<PlacedBlock> {
        wit::message(index)
            .into_iter()
            .map(PlacedBlock::from)
            .collect()
    }

    pub(super) fn news(&self) -> Vec<PlacedBlock> {
        wit::news().into_iter().map(PlacedBlock::from).collect()
    }

    pub(super) fn replace(
        &mut self,
        at: BlockAddress,
        blocks: Vec<Block>,
    ) -> Result<(), EditError> {
        let at = wit::BlockAddress {
            message: at.message,
            block: at.block,
        };
        let blocks: Vec<_> = blocks.into_iter().map(wit::Block::from).collect();
        wit::replace(at, &blocks).map_err(EditError)
    }

    pub(super) fn append_system(&mut self, text: &str) -> Result<(), EditError> {
        wit::append_system(text).map_err(EditError)
    }

    pub(super) fn tool_names(&self) -> Vec<String> {
        wit::tool_names()
    }

    pub(super) fn remove_tool(&mut self, name: &str) -> Result<(), EditError> {
        wit::remove_tool(name).map_err(EditError)
    }

    pub(super) fn get(&self, pointer: &str) -> Option<String> {
        wit::get(pointer)
    }

    pub(super) fn set(&mut self, pointer: &str, value: &str) -> Result<(), EditError> {
        wit::set(pointer, value).map_err(EditError)
    }

    pub(super) fn body(&self) -> String {
        wit::body()
    }
}
