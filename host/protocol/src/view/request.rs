//! The [`Request`] that a view is.

use super::{Dialect, View, illegal};
use crate::{
    Api, Block, BlockAddress, EditError, PlacedBlock, Request, TextPage,
    compose::is_blank,
    json::{self, quote},
};
use bytes::Bytes;

/// A dialect's request, which is a view.
pub(crate) trait Viewed: Send {
    /// The dialect.
    type Dialect: Dialect;
    /// The view, to be read.
    fn view(&self) -> &View<Self::Dialect>;
    /// The view, to be edited.
    fn view_mut(&mut self) -> &mut View<Self::Dialect>;
}

impl<V: Viewed> Request for V {
    fn api(&self) -> Api {
        V::Dialect::API
    }

    fn model(&mut self) -> String {
        let body = &self.view().settled;
        body.index().model.string(body.text()).unwrap_or_default()
    }

    fn set_model(&mut self, model: &str) -> Result<(), EditError> {
        let view = self.view_mut();
        view.settle()?;
        let edit = view.settled.field_set("model", &quote(model));
        view.edit(vec![edit])
    }

    fn streaming(&self) -> bool {
        self.view().settled.index().stream
    }

    fn choices(&mut self) -> u64 {
        let asked = V::Dialect::CHOICES.and_then(|pointer| self.get(pointer));
        asked.and_then(|asked| asked.parse().ok()).unwrap_or(1)
    }

    fn message_count(&mut self) -> u32 {
        u32::try_from(self.view().settled.index().messages.len()).unwrap_or(u32::MAX)
    }

    fn message(&mut self, index: u32) -> Vec<PlacedBlock> {
        self.view_mut().settle_texts();
        self.view().message(index)
    }

    fn block(&mut self, at: BlockAddress) -> Option<Block> {
        self.view_mut().settle_texts();
        self.view().block(at)
    }

    fn news(&mut self) -> Vec<PlacedBlock> {
        self.view_mut().settle_texts();
        let news = self.first_new()..self.message_count();
        news.flat_map(|at| self.view().message(at)).collect()
    }

    fn first_new(&mut self) -> u32 {
        let count = self.message_count();
        let body = &self.view().settled;
        let new = (0..count)
            .rev()
            .take_while(|at| body.role(*at) != "assistant");
        count - u32::try_from(new.count()).unwrap_or(count)
    }

    fn texts(&mut self, message: Option<u32>, start: u32) -> Result<TextPage, EditError> {
        let view = self.view_mut();
        view.settle_drafts()?;
        Ok(view.texts.page(&view.settled, message, start))
    }

    fn text(&mut self, message: Option<u32>, number: u32) -> Option<String> {
        let view = self.view_mut();
        view.settle_drafts().ok()?;
        view.texts.text(&view.settled, message, number)
    }

    fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: &[(u32, String)],
    ) -> Result<(), EditError> {
        let view = self.view_mut();
        view.settle_drafts()?;
        if view.texts.replace(&view.settled, message, texts)? {
            view.note_edit();
        }
        Ok(())
    }

    fn replace(&mut self, at: BlockAddress, blocks: &[Block]) -> Result<(), EditError> {
        self.view_mut().settle_texts();
        self.view_mut().replace(at, blocks)
    }

    fn append_system(&mut self, text: &str) -> Result<(), EditError> {
        if is_blank(text) {
            return Err(illegal("a blank text adds nothing"));
        }
        self.view_mut().append_system(text)
    }

    fn tool_names(&mut self) -> Vec<String> {
        let body = &self.view().settled;
        let tools = body.index().tools.iter();
        tools
            .filter_map(|tool| tool.name?.string(body.text()))
            .collect()
    }

    fn remove_tool(&mut self, name: &str) -> Result<(), EditError> {
        let view = self.view_mut();
        view.settle()?;
        let body = &view.settled;
        let tools = body.index().tools.iter();
        let named = tools.map(|tool| tool.name.and_then(|at| at.string(body.text())));
        let gone: Vec<bool> = named.map(|tool| tool.as_deref() == Some(name)).collect();
        if !gone.contains(&true) {
            return Err(EditError::NotFound(format!("tool `{name}`")));
        }
        view.edit(V::Dialect::tools_removed(body, name, &gone))
    }

    fn get(&mut self, pointer: &str) -> Option<String> {
        let view = self.view_mut();
        view.settle().ok()?;
        let place = view.settled.locate(pointer)?;
        Some(place.text(view.settled.text()).to_owned())
    }

    fn set(&mut self, pointer: &str, value: &str) -> Result<(), EditError> {
        let view = self.view_mut();
        json::check(value, view.settled.depth_in(0))
            .map_err(|fault| EditError::NotJson(fault.to_string()))?;
        view.settle()?;
        let edit = view.settled.setting(pointer, value)?;
        view.edit(vec![edit])
    }

    fn size(&self) -> usize {
        self.view().settled.text().len()
    }

    fn body(&mut self) -> Bytes {
        self.view_mut().render()
    }

    fn edited(&self) -> bool {
        self.view().edited
    }
}
