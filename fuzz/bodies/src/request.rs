//! Invariants of requests.

use bytes::Bytes;
use sluice_protocol::{
    Api, Block, BlockAddress, EditError, Limits, PlacedBlock, Request, ToolCall,
};

use crate::choices::Choices;

/// How many messages of a request are compared.
const MESSAGES: u32 = 32;

/// Panics if an invariant is broken.
pub(crate) fn check(api: Api, data: &[u8]) {
    let (data, choices) = Choices::split(data);
    let body = Bytes::copy_from_slice(data);
    let Ok(mut request) = api.request(body.clone(), &Limits::default()) else {
        return;
    };
    read(&mut *request);
    let unedited = request.body();
    assert!(!request.edited(), "reading edits nothing");
    assert_eq!(
        (unedited.as_ptr(), unedited.len()),
        (body.as_ptr(), body.len()),
        "an unedited body is the same bytes"
    );
    let mut editor = Editor { choices, request };
    for _ in 0..1 + editor.choices.below(4) {
        editor.edit();
    }
}

fn read(request: &mut dyn Request) -> Vec<PlacedBlock> {
    request.get("/messages/0/content");
    request.news();
    request.texts(None, 0).expect("nothing waits to be made");
    let count = request.message_count();
    request.message(count);
    for index in 0..count.min(MESSAGES) {
        let texts = request.texts(Some(index), 0);
        texts.expect("nothing waits to be made");
    }
    (0..count.min(MESSAGES))
        .flat_map(|index| request.message(index))
        .collect()
}

/// Makes the edits that the fuzzer chose.
struct Editor<'a> {
    choices: Choices<'a>,
    request: Box<dyn Request>,
}

impl Editor<'_> {
    fn edit(&mut self) {
        let before = self.request.body();
        let edited = match self.choices.below(7) {
            0 | 1 => self.replace(),
            2 => self.append_system(),
            3 => self.remove_tool(),
            4 => self.set(),
            5 => self.replace_text(),
            _ => self.set_model(),
        };
        let after = self.request.body();
        match edited {
            // The text may have been replaced by itself.
            Ok(()) if !self.request.edited() => assert_eq!(after, before),
            Ok(()) => self.reads_back(after),
            Err(error) => assert_eq!(after, before, "not made, but the body changed: {error}"),
        }
    }

    fn replace(&mut self) -> Result<(), EditError> {
        let at = BlockAddress {
            message: self.few(4),
            block: self.few(3),
        };
        let count = self.choices.below(3);
        let blocks: Vec<Block> = (0..count).map(|_| self.block()).collect();
        self.request.replace(at, &blocks)?;
        let now: Vec<Block> = self
            .request
            .message(at.message)
            .into_iter()
            .map(|placed| placed.block)
            .collect();
        assert_eq!(self.request.block(at).as_ref(), now.get(at.block as usize));
        for block in &blocks {
            if matches!(block, Block::Text(text) if !text.trim().is_empty()) {
                assert!(now.contains(block), "{block:?} is not among {now:?}");
            }
        }
        Ok(())
    }

    fn replace_text(&mut self) -> Result<(), EditError> {
        let message = self.few(4).checked_sub(1);
        let number = self.few(4);
        let text = self.choices.text();
        self.request
            .replace_texts(message, &[(number, text.clone())])?;
        let now = self.request.texts(message, number)?;
        assert_eq!(now.texts.first().map(|now| &now.text), Some(&text));
        assert_eq!(self.request.text(message, number), Some(text));
        Ok(())
    }

    fn block(&mut self) -> Block {
        match self.choices.below(4) {
            0 => Block::ToolCall(ToolCall {
                id: "call_made".to_owned(),
                name: "made".to_owned(),
                arguments: self.choices.of(&["{}", r#"{"a":[1]}"#, "{"]).to_owned(),
            }),
            1 => Block::Thinking(self.choices.text()),
            _ => Block::Text(self.choices.text()),
        }
    }

    fn append_system(&mut self) -> Result<(), EditError> {
        let text = self.choices.text();
        self.request.append_system(&text)
    }

    fn remove_tool(&mut self) -> Result<(), EditError> {
        let names = self.request.tool_names();
        let at = self.choices.below(names.len() + 1);
        let name = names.get(at).map_or("none of that name", String::as_str);
        self.request.remove_tool(name)?;
        let left = self.request.tool_names();
        assert!(
            !left.iter().any(|tool| tool == name),
            "{name} is still there"
        );
        Ok(())
    }

    fn set(&mut self) -> Result<(), EditError> {
        const STEPS: [&str; 12] = [
            "model", "messages", "input", "tools", "0", "content", "new", "text", "-", "a~1b",
            "stream", "1",
        ];
        const VALUES: [&str; 8] = [
            "\"x\"",
            "null",
            "[]",
            "{}",
            "[{\"type\":\"text\",\"text\":\"t\"}]",
            "true",
            "1.50e3",
            "{",
        ];
        let steps = self.choices.below(4);
        let pointer: String = (0..steps)
            .map(|_| format!("/{}", self.choices.of(&STEPS)))
            .collect();
        let value = self.choices.of(&VALUES);
        self.request.set(&pointer, value)?;
        if !pointer.ends_with("/-") {
            assert_eq!(
                self.request.get(&pointer).as_deref(),
                Some(value),
                "{pointer}"
            );
        }
        Ok(())
    }

    fn set_model(&mut self) -> Result<(), EditError> {
        let model = self.choices.text();
        self.request.set_model(&model)?;
        assert_eq!(self.request.model(), model);
        Ok(())
    }

    fn few(&mut self, count: usize) -> u32 {
        u32::try_from(self.choices.below(count)).unwrap_or_default()
    }

    /// Checks that the body for upstream says what the view says.
    fn reads_back(&mut self, body: Bytes) {
        assert!(self.request.edited());
        let text = String::from_utf8_lossy(&body).into_owned();
        let again = self.request.api().request(body, &Limits::default());
        let mut again = again.unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(again.model(), self.request.model(), "{text}");
        assert_eq!(again.streaming(), self.request.streaming(), "{text}");
        assert_eq!(again.tool_names(), self.request.tool_names(), "{text}");
        // A system prompt may be a message of its own. It must not move the others while they are
        // edited.
        let count = self.request.message_count();
        let moved = again
            .message_count()
            .checked_sub(count)
            .filter(|moved| *moved <= 1);
        let moved = moved.unwrap_or_else(|| panic!("messages come or go: {text}"));
        for index in 0..count.min(MESSAGES) {
            let blocks = |request: &mut dyn Request, index| -> Vec<(String, Block)> {
                let placed = request.message(index).into_iter();
                placed.map(|placed| (placed.role, placed.block)).collect()
            };
            assert_eq!(
                blocks(&mut *again, index + moved),
                blocks(&mut *self.request, index),
                "{text}"
            );
        }
    }
}
