//! A policy for the benchmark: it reads what is new in each request, and every text and tool call
//! of the reply, and keeps everything.

use std::hint::black_box;

use sluice_policy_sdk::{
    Block, BlockVerdict, Faults, NoConfig, Policy, Request, RequestVerdict, Wants,
};

struct NoOp;

impl Policy for NoOp {
    type Config = NoConfig;

    fn configure(_: NoConfig) -> Result<Self, Faults> {
        Ok(Self)
    }

    fn wants(&self) -> Wants {
        Wants::nothing().request().text_whole().tool_calls_whole()
    }

    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        black_box(request.news());
        RequestVerdict::Forward
    }

    fn on_block(&mut self, block: Block, _: &Request) -> BlockVerdict {
        black_box(block);
        BlockVerdict::Keep
    }
}

sluice_policy_sdk::export!(NoOp);
