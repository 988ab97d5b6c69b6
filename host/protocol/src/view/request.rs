//! The [`Request`] that a view is.

use super::{Dialect, Draft, View, illegal};
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
        let view = self.view();
        view.index.model.string(&view.body).unwrap_or_default()
    }

    fn set_model(&mut self, model: &str) -> Result<(), EditError> {
        let view = self.view_mut();
        view.settle()?;
        view.set_field("model", &quote(model))
    }

    fn streaming(&self) -> bool {
        self.view().index.stream
    }

    fn choices(&mut self) -> u64 {
        let asked = V::Dialect::CHOICES.and_then(|pointer| self.get(pointer));
        asked.and_then(|asked| asked.parse().ok()).unwrap_or(1)
    }

    fn message_count(&mut self) -> u32 {
        u32::try_from(self.view().index.messages.len()).unwrap_or(u32::MAX)
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
        let view = self.view();
        let new = (0..count)
            .rev()
            .take_while(|at| view.role(*at) != "assistant");
        count - u32::try_from(new.count()).unwrap_or(count)
    }

    fn texts(&mut self, message: Option<u32>, start: u32) -> Result<TextPage, EditError> {
        self.view_mut().texts(message, start)
    }

    fn text(&mut self, message: Option<u32>, number: u32) -> Option<String> {
        self.view_mut().text_now(message, number)
    }

    fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: &[(u32, String)],
    ) -> Result<(), EditError> {
        self.view_mut().replace_texts(message, texts)
    }

    fn replace(&mut self, at: BlockAddress, blocks: &[Block]) -> Result<(), EditError> {
        self.view_mut().settle_texts();
        self.view_mut().replace(at, blocks)
    }

    fn append_system(&mut self, text: &str) -> Result<(), EditError> {
        if is_blank(text) {
            return Err(illegal("a blank text adds nothing"));
        }
        let view = self.view_mut();
        view.settle()?;
        V::Dialect::append_system(view, text)
    }

    fn tool_names(&mut self) -> Vec<String> {
        let view = self.view();
        let tools = view.index.tools.iter();
        tools
            .filter_map(|tool| tool.name?.string(&view.body))
            .collect()
    }

    fn remove_tool(&mut self, name: &str) -> Result<(), EditError> {
        let view = self.view_mut();
        view.settle()?;
        let tools = view.index.tools.iter();
        let named = tools.map(|tool| tool.name.and_then(|at| at.string(&view.body)));
        let gone: Vec<bool> = named.map(|tool| tool.as_deref() == Some(name)).collect();
        if !gone.contains(&true) {
            return Err(EditError::NotFound(format!("tool `{name}`")));
        }
        view.edit(V::Dialect::tools_removed(view, name, &gone))
    }

    fn get(&mut self, pointer: &str) -> Option<String> {
        let view = self.view_mut();
        view.settle().ok()?;
        let place = view.locate(pointer)?;
        Some(place.text(&view.body).to_owned())
    }

    fn set(&mut self, pointer: &str, value: &str) -> Result<(), EditError> {
        let view = self.view_mut();
        json::check(value, view.limits.depth)
            .map_err(|fault| EditError::NotJson(fault.to_string()))?;
        view.settle()?;
        let edit = view.setting(pointer, value)?;
        view.edit(vec![edit])
    }

    fn size(&self) -> usize {
        self.view().body.len()
    }

    fn body(&mut self) -> Bytes {
        self.view_mut().render()
    }

    fn edited(&self) -> bool {
        self.view().edited
    }
}

impl<D: Dialect> View<D> {
    fn message(&self, index: u32) -> Vec<PlacedBlock> {
        let role = self.role(index);
        let blocks = self.drafted(index, |draft| {
            let blocks = (0..draft.count()).filter_map(|at| draft.block(&self.body, at));
            blocks.collect::<Vec<_>>()
        });
        let place = |(block, content)| PlacedBlock {
            at: BlockAddress {
                message: index,
                block,
            },
            role: role.clone(),
            block: content,
        };
        (0..).zip(blocks.unwrap_or_default()).map(place).collect()
    }

    fn block(&self, at: BlockAddress) -> Option<Block> {
        let block = |draft: &D::Draft| draft.block(&self.body, at.block as usize);
        self.drafted(at.message, block)?
    }

    /// Reads a message as it is now; nothing where there is none.
    fn drafted<R>(&self, message: u32, read: impl FnOnce(&D::Draft) -> R) -> Option<R> {
        let spans = self.index.messages.get(message as usize)?;
        Some(match self.drafts.get(&message) {
            Some(draft) => read(draft),
            None => read(&D::draft(&self.body, *spans)),
        })
    }

    fn replace(&mut self, at: BlockAddress, blocks: &[Block]) -> Result<(), EditError> {
        let not_found = || EditError::NotFound(D::block_path(at));
        let spans = self.index.messages.get(at.message as usize);
        let spans = *spans.ok_or_else(not_found)?;
        // From the body down to a block there are four levels.
        let depth = self.limits.depth.saturating_sub(4);
        for block in blocks {
            D::check(block, depth)?;
        }
        let draft = self.drafts.remove(&at.message);
        let mut draft = draft.unwrap_or_else(|| D::draft(&self.body, spans));
        let place = at.block as usize;
        let replaced = match draft.block(&self.body, place) {
            None => Err(not_found()),
            Some(Block::Thinking(_)) => Err(illegal(
                "thinking is signed by the provider and can't be replaced",
            )),
            Some(_) => draft.replace(&self.body, place, blocks),
        };
        if draft.is_changed() {
            self.drafts.insert(at.message, draft);
        }
        replaced?;
        self.rendered = None;
        self.edited = true;
        Ok(())
    }
}
