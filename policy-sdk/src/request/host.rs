//! The request, read and edited through the host.

use crate::bindings::sluice::policy::request as wit;
use crate::bindings::sluice::policy::types::{self, TextPlace};
use crate::request::{Place, PlacedText, TextPage};
use crate::{Block, BlockAddress, EditError, PlacedBlock};

/// Each method calls the host. Nothing is kept here.
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

    pub(super) fn first_new(&self) -> u32 {
        wit::first_new()
    }

    pub(super) fn texts(&self, message: Option<u32>, start: u32) -> TextPage {
        let page = wit::texts(message, start);
        TextPage {
            texts: page.texts.into_iter().map(PlacedText::from).collect(),
            has_more: page.has_more,
        }
    }

    pub(super) fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: &[(u32, String)],
    ) -> Result<(), EditError> {
        wit::replace_texts(message, texts).map_err(EditError)
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

impl From<types::PlacedText> for PlacedText {
    fn from(placed: types::PlacedText) -> Self {
        let place = match placed.place {
            TextPlace::System => Place::System,
            TextPlace::Text => Place::Text,
            TextPlace::ToolCall => Place::ToolCall,
            TextPlace::ToolResult => Place::ToolResult,
            TextPlace::Document => Place::Document,
        };
        Self {
            place,
            text: placed.text,
        }
    }
}
