//! `request`: the exchange's request. Every hook can read it; only `on-request` can edit it.

use sluice_protocol::{EditError, Request};
use wasmtime::Result;

use super::work::Page;
use super::{HostState, Scope};
use crate::cause::Illegal;
use crate::convert;
use crate::edits::{Edit, EditAddress, Edited, Prepared};
use crate::wit::request::Host;
use crate::wit::types::{self, Block, BlockAddress, PlacedBlock, TextPage};

/// The error for an edit outside of `on-request`.
const TOO_LATE: &str = "the request can be edited in `on-request` alone";

/// The fixed cost of handing over a block or a text, in addition to its bytes.
const BLOCK: usize = 64;
/// The fuel that a walk from text to text costs for each byte of the body. It looks at each value, and takes as long as so
/// many copies.
const WALK: usize = 16;
/// The most levels of JSON that a body has. A pointer with more steps leads nowhere.
const LEVELS: usize = 128;

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
        self.pay_for_body(model.len())?;
        self.edit(
            |request, noted| {
                noted.note(model.len(), || Edit {
                    at: EditAddress::Model,
                    before: Some(Edited::Text(request.model())),
                    after: Some(Edited::Text(model.clone())),
                });
            },
            |request| request.set_model(&model),
        )
    }

    fn message_count(&mut self) -> Result<u32> {
        self.pay(1)?;
        self.read(|request| request.message_count())
    }

    fn message(&mut self, index: u32) -> Result<Vec<PlacedBlock>> {
        self.pay(1)?;
        let blocks = self.read_anew(|request| request.message(index))?;
        self.handed(blocks)
    }

    fn news(&mut self) -> Result<Vec<PlacedBlock>> {
        self.pay(1)?;
        let blocks = self.read_anew(|request| request.news())?;
        self.handed(blocks)
    }

    fn first_new(&mut self) -> Result<u32> {
        let count = self.message_count()?;
        self.pay(count as usize)?;
        self.read(|request| request.first_new())
    }

    fn texts(&mut self, message: Option<u32>, start: u32) -> Result<TextPage> {
        let last = self.work.page.take();
        let goes_on = last.is_some_and(|last| last.message == message && last.texts.end == start);
        self.pay_for_walks(usize::from(start > 0 && !goes_on))?;
        let page = self.read(|request| request.texts(message, start))?;
        // If a policy were shown fewer texts than there are, the rest would pass unjudged.
        let page =
            page.map_err(|error| Illegal::error(format!("its edits can't be made: {error}")))?;
        let bytes = page.texts.iter().map(|text| BLOCK + text.text.len());
        self.pay(bytes.sum())?;
        let end = start.saturating_add(u32::try_from(page.texts.len()).unwrap_or(u32::MAX));
        self.work.page = Some(Page {
            message,
            texts: start..end,
        });
        Ok(page.into())
    }

    fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: Vec<(u32, String)>,
    ) -> Result<Result<(), String>> {
        self.pay(texts.iter().map(|(_, text)| BLOCK + text.len()).sum())?;
        let last = self.work.page.take();
        let last = last.filter(|last| last.message == message);
        let is_at_hand = |number: &u32| {
            let last = last.as_ref();
            last.is_some_and(|last| last.texts.contains(number))
        };
        let far = texts.iter().filter(|(number, _)| !is_at_hand(number));
        self.pay_for_walks(far.count())?;
        let edited = self.edit(
            |request, noted| {
                for (number, text) in &texts {
                    noted.note(text.len(), || Edit {
                        at: EditAddress::Text {
                            message,
                            number: *number,
                        },
                        before: request.text(message, *number).map(Edited::Text),
                        after: Some(Edited::Text(text.clone())),
                    });
                }
            },
            |request| request.replace_texts(message, &texts),
        );
        self.work.page = last;
        edited
    }

    fn replace(&mut self, at: BlockAddress, blocks: Vec<Block>) -> Result<Result<(), String>> {
        let blocks = convert::blocks(blocks);
        let at = at.into();
        self.pay(blocks.iter().map(size).sum())?;
        self.edit(
            |request, noted| {
                let bytes = blocks.iter().map(sluice_protocol::Block::size);
                noted.note(bytes.sum(), || Edit {
                    at: EditAddress::Block(at),
                    before: request.block(at).map(|block| Edited::Blocks(vec![block])),
                    after: Some(Edited::Blocks(blocks.clone())),
                });
            },
            |request| request.replace(at, &blocks),
        )
    }

    fn append_system(&mut self, text: String) -> Result<Result<(), String>> {
        self.pay_for_body(text.len())?;
        self.edit(
            |_, noted| {
                noted.note(text.len(), || Edit {
                    at: EditAddress::System,
                    before: None,
                    after: Some(Edited::Text(text.clone())),
                });
            },
            |request| request.append_system(&text),
        )
    }

    fn tool_names(&mut self) -> Result<Vec<String>> {
        self.pay_for_body(0)?;
        self.read(|request| request.tool_names())
    }

    fn remove_tool(&mut self, name: String) -> Result<Result<(), String>> {
        self.pay_for_body(name.len())?;
        self.edit(
            |_, noted| {
                noted.note(name.len(), || Edit {
                    at: EditAddress::Tool(name.clone()),
                    before: Some(Edited::Text(name.clone())),
                    after: None,
                });
            },
            |request| request.remove_tool(&name),
        )
    }

    fn get(&mut self, pointer: String) -> Result<Option<String>> {
        if !self.pay_for_steps(&pointer, 0)? {
            return Ok(None);
        }
        self.read_anew(|request| request.get(&pointer))
    }

    fn set(&mut self, pointer: String, value: String) -> Result<Result<(), String>> {
        if !self.pay_for_steps(&pointer, value.len())? {
            return Ok(Err(format!("nothing is nested in {LEVELS} levels")));
        }
        self.edit(
            |request, noted| {
                noted.note(pointer.len() + value.len(), || Edit {
                    at: EditAddress::Field(pointer.clone()),
                    before: request.get(&pointer).map(Edited::Json),
                    after: Some(Edited::Json(value.clone())),
                });
            },
            |request| request.set(&pointer, &value),
        )
    }

    fn body(&mut self) -> Result<String> {
        self.pay_for_body(0)?;
        self.read(|request| String::from_utf8_lossy(&request.body()).into_owned())
    }
}

impl HostState {
    /// Charges the call for work that goes through the whole body and through the bytes that the policy
    /// hands over.
    fn pay_for_body(&mut self, handed: usize) -> Result<()> {
        let size = self.read(|request| request.size())?;
        self.pay(size.saturating_add(handed))
    }

    /// Charges the call for this many walks through the texts of the body.
    fn pay_for_walks(&mut self, walks: usize) -> Result<()> {
        let size = self.read(|request| request.size())?;
        self.pay(size.saturating_mul(WALK).saturating_mul(walks).max(1))
    }

    /// Pays for following a pointer. The first two steps are found by an index, and each of the others may go through
    /// the whole body. Returns whether it can lead anywhere.
    fn pay_for_steps(&mut self, pointer: &str, handed: usize) -> Result<bool> {
        self.pay(pointer.len().saturating_add(handed))?;
        let steps = pointer.bytes().filter(|byte| *byte == b'/').count();
        if steps > LEVELS {
            return Ok(false);
        }
        let size = self.read(|request| request.size())?;
        self.pay(size.saturating_mul(steps.saturating_sub(1).max(1)))?;
        Ok(true)
    }

    /// Charges the call for blocks that are handed to the policy.
    fn handed(&mut self, blocks: Vec<sluice_protocol::PlacedBlock>) -> Result<Vec<PlacedBlock>> {
        let bytes = blocks
            .iter()
            .map(|placed| placed.role.len() + size(&placed.block));
        self.pay(bytes.sum())?;
        Ok(blocks.into_iter().map(Into::into).collect())
    }

    fn read<R>(&self, read: impl FnOnce(&mut dyn Request) -> R) -> Result<R> {
        Ok(read(self.exchange()?.request().as_mut()))
    }

    /// Reads what may put waiting edits into the body first, after which no page is known any more.
    fn read_anew<R>(&mut self, read: impl FnOnce(&mut dyn Request) -> R) -> Result<R> {
        self.work.page = None;
        self.read(read)
    }

    /// Makes an edit. `note` says what it is about to change, if that is wanted.
    fn edit(
        &mut self,
        note: impl FnOnce(&mut dyn Request, &mut Prepared),
        edit: impl FnOnce(&mut dyn Request) -> Result<(), EditError>,
    ) -> Result<Result<(), String>> {
        let Scope::Exchange {
            exchange,
            editable,
            edits,
        } = &mut self.scope
        else {
            return self.exchange().map(|_| Err(TOO_LATE.to_owned()));
        };
        if !*editable {
            return Ok(Err(TOO_LATE.to_owned()));
        }
        self.work.page = None;
        let mut request = exchange.request();
        let mut prepared = edits.prepare();
        if edits.keeps() {
            note(request.as_mut(), &mut prepared);
        }
        let done = edit(request.as_mut());
        if done.is_ok() {
            edits.made(prepared);
        }
        Ok(done.map_err(|error| error.to_string()))
    }
}

/// The cost of handing over a block.
fn size(block: &sluice_protocol::Block) -> usize {
    BLOCK + block.size()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use sluice_protocol::anthropic;

    use super::{Block, BlockAddress, Host, TOO_LATE};
    use crate::edits::EditLog;
    use crate::host::{Exchange, HostState, Scope, Telemetry};
    use crate::{Context, EventLevel, Limits};

    const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;

    fn state(scope: Scope) -> HostState {
        let telemetry = Telemetry::new("p".into(), "x1".into(), Arc::default());
        let limits = Limits::default();
        let bounds = limits.call(limits.request_fuel, BODY.len());
        HostState::new(&limits, bounds, telemetry, scope)
    }

    fn in_exchange(editable: bool) -> HostState {
        of(BODY.to_owned(), editable)
    }

    fn of(body: String, editable: bool) -> HostState {
        let limits = sluice_protocol::Limits::default();
        let request = anthropic::Request::parse(body.into(), &limits).unwrap();
        let context = Context {
            exchange: "x1".to_owned(),
            ..Context::default()
        };
        state(Scope::Exchange {
            exchange: Arc::new(Exchange::new(
                context,
                Arc::new(Mutex::new(Box::new(request))),
                EventLevel::Contents,
            )),
            editable,
            edits: EditLog::new(EventLevel::Contents),
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
        assert!(!state.take_edits().is_edited());
    }

    #[test]
    fn an_edit_in_on_request_is_made_and_seen_once() {
        let mut state = in_exchange(true);
        assert_eq!(state.set_model("other".to_owned()).unwrap(), Ok(()));
        assert_eq!(state.model().unwrap(), "other");
        assert!(state.take_edits().is_edited());
        assert!(!state.take_edits().is_edited());
    }

    #[test]
    fn an_edit_that_fails_is_no_edit() {
        let mut state = in_exchange(true);
        let edit = state.set("/messages/7/role".to_owned(), "\"user\"".to_owned());
        assert!(edit.unwrap().is_err());
        assert!(!state.take_edits().is_edited());
    }

    /// A call on a request of ten thousand texts, `len` bytes together.
    fn with_texts(len: usize) -> (HostState, usize) {
        let text = "a".repeat(len / 10_000);
        let part = format!(r#"{{"type":"text","text":"{text}"}}"#);
        let parts = vec![part; 10_000].join(",");
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{parts}]}}]}}"#);
        let size = body.len();
        (of(body, true), size)
    }

    #[test]
    fn a_text_that_is_not_on_the_last_page_costs_a_walk_to_it() {
        let (mut state, size) = with_texts(100_000);
        let text = |number: u32| (number, "b".to_owned());
        assert!(state.texts(Some(0), 0).unwrap().has_more);
        let before = state.work.fuel();
        assert_eq!(
            state
                .replace_texts(Some(0), vec![text(0), text(4_095)])
                .unwrap(),
            Ok(())
        );
        assert!(state.work.fuel() - before < size as u64);
        let before = state.work.fuel();
        assert_eq!(
            state
                .replace_texts(Some(0), vec![text(4_096), text(9_999)])
                .unwrap(),
            Ok(())
        );
        assert!(state.work.fuel() - before > 2 * size as u64);
        // The page is no longer known once a block was replaced.
        let at = BlockAddress {
            message: 0,
            block: 0,
        };
        assert_eq!(
            state
                .replace(at, vec![Block::Text("c".to_owned())])
                .unwrap(),
            Ok(())
        );
        let before = state.work.fuel();
        assert_eq!(state.replace_texts(Some(0), vec![text(1)]).unwrap(), Ok(()));
        assert!(state.work.fuel() - before > size as u64);
    }

    #[test]
    fn a_page_out_of_order_costs_a_walk_to_it() {
        let (mut state, size) = with_texts(100_000);
        let mut cost = |start: u32| {
            let before = state.work.fuel();
            state.texts(Some(0), start).unwrap();
            state.work.fuel() - before
        };
        let one_page = cost(0);
        assert_eq!(cost(4_096), one_page);
        assert!(cost(4_096) > one_page + size as u64);
    }

    #[test]
    fn a_pointer_costs_each_step_and_one_that_is_too_long_leads_nowhere() {
        let (mut state, size) = with_texts(100_000);
        assert!(
            state
                .get("/messages/0/content/0/text".to_owned())
                .unwrap()
                .is_some()
        );
        assert!(state.work.fuel() > 3 * size as u64);
        let endless = "/0".repeat(1_000_000);
        let before = state.work.fuel();
        assert_eq!(state.get(endless.clone()).unwrap(), None);
        assert!(state.set(endless, "1".to_owned()).unwrap().is_err());
        assert!(state.work.fuel() - before < 5_000_000);
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
