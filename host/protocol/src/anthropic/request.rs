//! A request as a view over its body.
//!
//! Parsing notes where things stand; blocks are read when they are asked for. Replaced blocks wait in
//! a draft of their message and are spliced in when the body is asked for, every other edit at once.

mod draft;
mod index;
mod place;

use std::collections::BTreeMap;

use bytes::Bytes;

use self::{
    draft::Draft,
    index::{FieldSpans, Index},
};
use super::content::write;
use crate::{
    Api, Block, BlockAddress, EditError, Limits, PlacedBlock, RequestError,
    json::{self, Edit, Span, insertion, quote, removals, splice},
};

/// A request to the Messages API.
#[derive(Debug)]
pub struct Request {
    body: Bytes,
    index: Index,
    limits: Limits,
    edited: bool,
    drafts: BTreeMap<u32, Draft>,
    /// The body with the drafts in it, as long as no draft changes.
    rendered: Option<Bytes>,
}

impl Request {
    /// Reads a body in one pass, which copies nothing.
    pub fn parse(body: Bytes, limits: &Limits) -> Result<Self, RequestError> {
        Ok(Self {
            index: index::read(&body, limits)?,
            body,
            limits: *limits,
            edited: false,
            drafts: BTreeMap::new(),
            rendered: None,
        })
    }

    fn role(&self, message: u32) -> String {
        let spans = self.index.messages.get(message as usize);
        let role = spans.and_then(|spans| spans.role.string(&self.body));
        role.unwrap_or_default()
    }

    fn field(&self, name: &str) -> Option<FieldSpans> {
        let named = |field: &&FieldSpans| *field.key.name(&self.body) == *name.as_bytes();
        self.index.fields.iter().rev().find(named).copied()
    }

    /// Puts the drafts into the body, for what edits or reads the body itself.
    fn settle(&mut self) -> Result<(), EditError> {
        if !self.drafts.is_empty() {
            let body = crate::Request::body(self);
            self.adopt(body)?;
        }
        Ok(())
    }

    /// Makes these edits of a settled body, or none where they break its shape.
    fn edit(&mut self, edits: Vec<Edit>) -> Result<(), EditError> {
        self.adopt(Bytes::from(splice(&self.body, edits)))?;
        self.edited = true;
        Ok(())
    }

    fn adopt(&mut self, body: Bytes) -> Result<(), EditError> {
        let index = index::read(&body, &self.limits);
        self.index = index.map_err(|error| EditError::Illegal(error.to_string()))?;
        self.body = body;
        self.drafts.clear();
        self.rendered = None;
        Ok(())
    }

    fn set_field(&mut self, name: &str, value: &str) -> Result<(), EditError> {
        let edit = match self.field(name) {
            Some(field) => Edit {
                span: field.value,
                with: value.to_owned(),
            },
            None => {
                let entry = format!("{}:{value}", quote(name));
                insertion(&self.body, self.index.whole, &entry)
            }
        };
        self.edit(vec![edit])
    }

    /// The edits that take fields out of the body.
    fn without(&self, names: &[&str]) -> Vec<Edit> {
        let fields = &self.index.fields;
        let wholes: Vec<Span> = fields.iter().map(FieldSpans::whole).collect();
        removals(&wholes, |at| {
            let name = fields[at].key.name(&self.body);
            names.iter().any(|gone| *name == *gone.as_bytes())
        })
    }

    /// Whether `tool_choice` asks for the tool of that name.
    fn chooses(&self, name: &str) -> bool {
        let Some(choice) = self.field("tool_choice") else {
            return false;
        };
        let chosen = json::step(&self.body, choice.value, "name");
        chosen
            .and_then(|chosen| chosen.string(&self.body))
            .as_deref()
            == Some(name)
    }
}

impl crate::Request for Request {
    fn api(&self) -> Api {
        Api::Anthropic
    }

    fn model(&mut self) -> String {
        self.index.model.string(&self.body).unwrap_or_default()
    }

    fn set_model(&mut self, model: &str) -> Result<(), EditError> {
        self.settle()?;
        self.set_field("model", &quote(model))
    }

    fn streaming(&self) -> bool {
        self.index.stream
    }

    fn message_count(&mut self) -> u32 {
        u32::try_from(self.index.messages.len()).unwrap_or(u32::MAX)
    }

    fn message(&mut self, index: u32) -> Vec<PlacedBlock> {
        let Some(spans) = self.index.messages.get(index as usize) else {
            return Vec::new();
        };
        let blocks = match self.drafts.get(&index) {
            Some(draft) => draft.blocks(&self.body),
            None => Draft::new(&self.body, spans.content).blocks(&self.body),
        };
        let role = self.role(index);
        let place = |(block, content)| PlacedBlock {
            at: BlockAddress {
                message: index,
                block,
            },
            role: role.clone(),
            block: content,
        };
        (0..).zip(blocks).map(place).collect()
    }

    fn news(&mut self) -> Vec<PlacedBlock> {
        let count = self.message_count();
        let new = (0..count)
            .rev()
            .take_while(|at| self.role(*at) != "assistant");
        let first = count - u32::try_from(new.count()).unwrap_or(count);
        (first..count).flat_map(|at| self.message(at)).collect()
    }

    fn replace(&mut self, at: BlockAddress, blocks: &[Block]) -> Result<(), EditError> {
        let spans = self.index.messages.get(at.message as usize);
        let content = spans.ok_or_else(|| draft::not_found(at))?.content;
        // From the body down to a block there are four levels.
        let depth = self.limits.depth.saturating_sub(4);
        for block in blocks {
            draft::check(block, depth)?;
        }
        let draft = self.drafts.remove(&at.message);
        let mut draft = draft.unwrap_or_else(|| Draft::new(&self.body, content));
        let replaced = draft.replace(&self.body, at, blocks);
        if draft.is_changed() {
            self.drafts.insert(at.message, draft);
        }
        replaced?;
        self.rendered = None;
        self.edited = true;
        Ok(())
    }

    fn append_system(&mut self, text: &str) -> Result<(), EditError> {
        if text.trim().is_empty() {
            return Err(EditError::Illegal("a blank text adds nothing".to_owned()));
        }
        self.settle()?;
        let Some(system) = self.field("system").map(|field| field.value) else {
            return self.set_field("system", &quote(text));
        };
        match system.bytes(&self.body) {
            b"null" | b"\"\"" => self.set_field("system", &quote(text)),
            [b'"', ..] => {
                let added = quote(&format!("\n\n{text}"));
                let at = system.end - 1;
                self.edit(vec![Edit {
                    span: Span { start: at, end: at },
                    with: added[1..added.len() - 1].to_owned(),
                }])
            }
            [b'[', ..] => {
                let block = write(&Block::Text(text.to_owned()));
                self.edit(vec![insertion(&self.body, system, &block)])
            }
            _ => Err(EditError::Illegal(
                "system: Input should be a valid string or list".to_owned(),
            )),
        }
    }

    fn tool_names(&mut self) -> Vec<String> {
        let tools = self.index.tools.iter();
        tools
            .filter_map(|tool| tool.name?.string(&self.body))
            .collect()
    }

    fn remove_tool(&mut self, name: &str) -> Result<(), EditError> {
        self.settle()?;
        let gone: Vec<bool> = {
            let tools = self.index.tools.iter();
            let named = tools.map(|tool| tool.name.and_then(|at| at.string(&self.body)));
            named.map(|tool| tool.as_deref() == Some(name)).collect()
        };
        if !gone.contains(&true) {
            return Err(EditError::NotFound(format!("tool `{name}`")));
        }
        if !gone.contains(&false) {
            // The API refuses a choice where there are no tools.
            return self.edit(self.without(&["tools", "tool_choice"]));
        }
        let wholes: Vec<Span> = self.index.tools.iter().map(|tool| tool.whole).collect();
        let mut edits = removals(&wholes, |at| gone[at]);
        if self.chooses(name) {
            edits.extend(self.without(&["tool_choice"]));
        }
        self.edit(edits)
    }

    fn get(&mut self, pointer: &str) -> Option<String> {
        self.settle().ok()?;
        let place = self.locate(pointer)?;
        Some(place.text(&self.body).to_owned())
    }

    fn set(&mut self, pointer: &str, value: &str) -> Result<(), EditError> {
        json::check(value, self.limits.depth)
            .map_err(|fault| EditError::NotJson(fault.to_string()))?;
        self.settle()?;
        let edit = self.setting(pointer, value)?;
        self.edit(vec![edit])
    }

    fn body(&mut self) -> Bytes {
        if self.drafts.is_empty() {
            return self.body.clone();
        }
        let rendered = self.rendered.get_or_insert_with(|| {
            let edits = self.drafts.values().flat_map(Draft::edits).collect();
            Bytes::from(splice(&self.body, edits))
        });
        rendered.clone()
    }

    fn edited(&self) -> bool {
        self.edited
    }
}

#[cfg(test)]
mod tests;
