//! Takes keys, tokens and passwords out of requests and replies. An example of a policy with state
//! for each exchange.
//!
//! A secret becomes a placeholder such as `[REDACTED:github-token:1]`. The same secret gets the
//! same placeholder, another secret another number. Callers send the whole conversation each time,
//! so the history is redacted too; otherwise a secret that was taken out of one turn would leave
//! with the next. Secrets are numbered in the order in which they appear, so an earlier message
//! reads the same in each turn, which keeps the provider's prompt cache valid. Numbers that are
//! already in the conversation are not given out again.
//!
//! It knows secrets by their form. One without a form of its own is found only if it is assigned to
//! something called a password, a token or similar.

mod assignment;
mod config;
mod detector;
mod kind;
mod ledger;
#[cfg(test)]
mod tests;

use serde_json::json;
use sluice_policy_sdk::{
    Block, BlockVerdict, Faults, Piece, Place, Policy, Reason, Request, RequestVerdict, TextAt,
    TextVerdict, Wants, telemetry,
};

pub use config::{Config, Extra};

use detector::Detector;

/// Takes secrets out.
pub struct RedactSecrets {
    config: Config,
    detector: Detector,
}

impl Policy for RedactSecrets {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Faults> {
        let detector = Detector::new(&config)?;
        Ok(Self { config, detector })
    }

    fn wants(&self) -> Wants {
        let mut wants = Wants::nothing();
        if self.config.request {
            wants = wants.request();
        }
        if self.config.reply {
            wants = wants.text_pieces();
        }
        if self.config.tool_calls {
            wants = wants.tool_calls_whole();
        }
        wants
    }

    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        let Self { config, detector } = self;
        let rewritten = request.rewrite(|at, text| match config.covers(at) {
            true => detector.redact(text),
            false => None,
        });
        self.report("request");
        match rewritten {
            Ok(_) => RequestVerdict::Forward,
            // If it were sent on, the request would carry the secret.
            Err(error) => RequestVerdict::Refuse(Reason::new(
                "secrets.not-redacted",
                format!("A secret in the request could not be taken out: {error}."),
            )),
        }
    }

    fn on_block(&mut self, block: Block, _: &Request) -> BlockVerdict {
        let Block::ToolCall(mut call) = block else {
            return BlockVerdict::Keep;
        };
        let rewritten = call.rewrite(|text| self.detector.redact(text));
        self.report("reply");
        match rewritten {
            false => BlockVerdict::Keep,
            true if call.arguments.starts_with('{') => {
                BlockVerdict::Replace(vec![Block::ToolCall(call)])
            }
            true => BlockVerdict::Drop(Reason::new(
                "secrets.cut-off",
                "The tool call was cut off by the model's limit and holds a secret.",
            )),
        }
    }

    fn on_text(&mut self, piece: Piece<'_>, _: &Request) -> TextVerdict {
        let verdict = self.detector.judge(piece);
        self.report("reply");
        verdict
    }
}

impl RedactSecrets {
    /// Tells the operator how many secrets of each kind were found, and never what they are.
    fn report(&mut self, within: &str) {
        for (kind, secrets) in self.detector.take_found() {
            telemetry::count(&format!("redacted.{kind}"), secrets);
            let detail = json!({"kind": kind, "secrets": secrets, "in": within});
            telemetry::emit("secrets-redacted", &detail);
        }
    }
}

impl Config {
    fn covers(&self, at: TextAt) -> bool {
        match at.place {
            Place::ToolCall => self.tool_calls && (self.history || at.is_news),
            Place::System => self.system,
            Place::Text | Place::ToolResult | Place::Document => self.history || at.is_news,
        }
    }
}

sluice_policy_sdk::export!(RedactSecrets);
