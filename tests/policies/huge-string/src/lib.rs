//! A policy for tests that hands the host a string of 100 MB, or of as many bytes as `amount` says.

use sluice_policy_sdk::{Block, BlockVerdict, RequestVerdict, TextVerdict};
use trigger::{Act, Triggered};

struct HugeString;

impl Act for HugeString {
    fn on_request(amount: Option<u64>) -> RequestVerdict {
        RequestVerdict::Answer(vec![Block::Text(huge(amount))])
    }

    fn on_block(_: Block, amount: Option<u64>) -> BlockVerdict {
        BlockVerdict::Replace(vec![Block::Text(huge(amount))])
    }

    fn on_text(amount: Option<u64>) -> TextVerdict {
        TextVerdict::Send(huge(amount))
    }

    fn on_end(amount: Option<u64>) -> Vec<String> {
        vec![huge(amount)]
    }
}

fn huge(amount: Option<u64>) -> String {
    "x".repeat(amount.unwrap_or(100_000_000) as usize)
}

sluice_policy_sdk::export!(Triggered<HugeString>);
