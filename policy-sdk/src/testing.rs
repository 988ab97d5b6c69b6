//! Runs a policy natively, in `cargo test`, without WebAssembly and without a host.
//!
//! A [`Run`] is one exchange. It calls the hooks that the policy asks for, as the host does, and panics if the host
//! would not accept a verdict. It does not show what only the host does: notices, wire formats, and the bounds on
//! fuel, memory and time.
//!
//! ```
//! use serde_json::json;
//! use sluice_policy_sdk::{
//!     Block, Faults, NoConfig, Piece, Policy, Request, TextVerdict, Wants, testing::Run,
//! };
//!
//! struct Shout;
//!
//! impl Policy for Shout {
//!     type Config = NoConfig;
//!
//!     fn configure(_: NoConfig) -> Result<Self, Faults> {
//!         Ok(Self)
//!     }
//!
//!     fn wants(&self) -> Wants {
//!         Wants::nothing().text_pieces()
//!     }
//!
//!     fn on_text(&mut self, piece: Piece<'_>, _: &Request) -> TextVerdict {
//!         TextVerdict::Send(piece.text.to_uppercase())
//!     }
//! }
//!
//! let mut run = Run::<Shout>::new(json!({}));
//! assert_eq!(run.text(&["hel", "lo"]), Ok("HELLO".to_owned()));
//! let delivered = run.reply([Block::text("bye")]);
//! assert_eq!(delivered.blocks, [Block::text("BYE")]);
//! ```

mod legal;
#[cfg(test)]
mod tests;

pub use crate::telemetry::recorded::{Heard, take as heard};

use serde_json::{Value, json};

use crate::guest::{Identity, describe};
use crate::request::model::Model;
use crate::wants::Delivery;
use crate::{
    Block, BlockVerdict, Piece, Policy, Reason, Request, RequestVerdict, TextVerdict, Wants, config,
};

/// One exchange, judged by one policy.
pub struct Run<P> {
    config: Value,
    policy: P,
    wants: Wants,
    request: Request,
}

/// What the caller gets of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The blocks, in order. The notices that the host would add are not among them.
    pub blocks: Vec<Block>,
    /// The verdict on each block that `on_block` was asked about.
    pub verdicts: Vec<BlockVerdict>,
    /// Why the policy ended the reply. `None` if it did not.
    pub stopped: Option<Reason>,
}

/// The faults that the policy finds in a configuration. Empty if it accepts the configuration.
pub fn faults<P: Policy>(config: &Value) -> Vec<String> {
    match configure::<P>(config) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_vec(),
    }
}

/// The JSON Schema of the policy's configuration.
pub fn config_schema<P: Policy>() -> Value {
    let nobody = Identity {
        name: "",
        version: "",
        summary: "",
    };
    describe::<P>(&nobody)["config_schema"].take()
}

impl<P: Policy> Run<P> {
    /// Begins an exchange with this configuration and an empty request.
    ///
    /// Panics with the faults if the policy refuses the configuration.
    #[track_caller]
    pub fn new(config: Value) -> Self {
        let policy: P = match configure(&config) {
            Ok(policy) => policy,
            Err(faults) => panic!("the configuration was refused: {:?}", faults.into_vec()),
        };
        let model = Model {
            body: json!({"model": "some-model", "max_tokens": 1024, "messages": []}),
            context: json!({"api": "anthropic", "model": "some-model", "path": "/v1/messages"}),
        };
        Self {
            wants: policy.wants(),
            config,
            policy,
            request: Request(model),
        }
    }

    /// Makes this body of Anthropic's Messages API the request.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.request.0.body = body;
        self
    }

    /// Adds a message of the user to the request.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        if let Some(messages) = self.request.0.body["messages"].as_array_mut() {
            messages.push(json!({"role": "user", "content": text}));
        }
        self
    }

    /// Adds these fields to the context of the request.
    #[must_use]
    pub fn with_context(mut self, context: Value) -> Self {
        if let (Value::Object(all), Value::Object(more)) = (&mut self.request.0.context, context) {
            all.extend(more);
        }
        self
    }

    /// The policy in its present state.
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// The body of the request as it is now.
    pub fn body(&self) -> &Value {
        &self.request.0.body
    }

    /// Lets the policy judge the request. If it does not ask for requests, the request is forwarded.
    #[track_caller]
    pub fn request(&mut self) -> RequestVerdict {
        if !self.wants.request {
            return RequestVerdict::Forward;
        }
        self.renew();
        let verdict = self.policy.on_request(&mut self.request);
        legal::check_request(&verdict);
        verdict
    }

    /// Lets the policy judge a reply of these blocks. Each text comes in one piece.
    #[track_caller]
    pub fn reply(&mut self, blocks: impl IntoIterator<Item = Block>) -> Delivered {
        let mut delivered = Delivered {
            blocks: Vec::new(),
            verdicts: Vec::new(),
            stopped: None,
        };
        for block in blocks {
            self.judge(block, &mut delivered);
            if delivered.stopped.is_some() {
                return delivered;
            }
        }
        if self.wants.end {
            self.renew();
            let added = self.policy.on_end("end_turn", &self.request);
            let added = added.into_iter().map(Block::Text);
            let is_call = |block: &Block| matches!(block, Block::ToolCall(_));
            let first_call = delivered.blocks.iter().position(is_call);
            let at = first_call.unwrap_or(delivered.blocks.len());
            delivered.blocks.splice(at..at, added);
        }
        delivered
    }

    /// Lets the policy judge one text block that arrives in these pieces. Returns the text that goes out, or why the
    /// policy ended the reply.
    #[track_caller]
    pub fn text(&mut self, pieces: &[&str]) -> Result<String, Reason> {
        if self.wants.text != Delivery::Pieces {
            let delivered = self.reply([Block::text(pieces.concat())]);
            let texts = delivered.blocks.into_iter().map(|block| match block {
                Block::Text(text) => text,
                other => panic!("the text became {other:?}"),
            });
            return match delivered.stopped {
                None => Ok(texts.collect()),
                Some(reason) => Err(reason),
            };
        }
        let mut out = String::new();
        let last = std::iter::once(("", true));
        let pieces = pieces.iter().map(|text| (*text, false));
        for (text, last) in pieces.chain(last) {
            self.renew();
            match self.policy.on_text(Piece { text, last }, &self.request) {
                TextVerdict::Keep => out.push_str(text),
                TextVerdict::Send(sent) => out.push_str(&sent),
                TextVerdict::Stop(reason) => return Err(reason),
            }
        }
        Ok(out)
    }

    fn judge(&mut self, block: Block, delivered: &mut Delivered) {
        let delivery = match block {
            Block::Text(_) => self.wants.text,
            Block::Thinking(_) => self.wants.thinking,
            Block::ToolCall(_) => self.wants.tool_call,
            Block::ToolResult(_) | Block::Other(_) => self.wants.other,
        };
        match (delivery, block) {
            (Delivery::None, block) => delivered.blocks.push(block),
            (Delivery::Pieces, Block::Text(text)) => match self.text(&[&text]) {
                Ok(text) if text.is_empty() => {}
                Ok(text) => delivered.blocks.push(Block::Text(text)),
                Err(reason) => delivered.stopped = Some(reason),
            },
            (delivery, block) => {
                self.renew();
                let verdict = self.policy.on_block(block.clone(), &self.request);
                legal::check_block(&block, delivery, &verdict);
                delivered.verdicts.push(verdict.clone());
                match verdict {
                    BlockVerdict::Keep => delivered.blocks.push(block),
                    BlockVerdict::Replace(blocks) => delivered.blocks.extend(blocks),
                    BlockVerdict::Drop(_) => {}
                    BlockVerdict::Stop(reason) => delivered.stopped = Some(reason),
                }
            }
        }
    }

    /// A stateless policy starts each call from what its configuration made.
    fn renew(&mut self) {
        if self.wants.stateless {
            self.policy = configure(&self.config)
                .unwrap_or_else(|_| panic!("it took this configuration before"));
        }
    }
}

fn configure<P: Policy>(config: &Value) -> Result<P, crate::Faults> {
    config::read(&config.to_string()).and_then(P::configure)
}
