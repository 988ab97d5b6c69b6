//! Texts that arrive in pieces.

use proptest::prelude::*;
use serde_json::json;

use super::{pem, random, run};

#[test]
fn prose_is_not_held_back() {
    let mut run = run(json!({}));
    let prose = "Here is what I found in the code of the server, word for word.";
    for cut in 1..prose.len() {
        assert_eq!(
            run.text(&[&prose[..cut], &prose[cut..]]),
            Ok(prose.to_owned())
        );
    }
}

proptest! {
    #[test]
    fn cuts_make_no_difference(cuts in prop::collection::vec(0_usize..2000, 0..20)) {
        let text = format!(
            "Tést {} and password=\"hunter2!Zx\", then\n{}\npostgres://a:b3tter-x@h é ghp_{} {}",
            format_args!("sk-ant-api03-{}", random(90, 60)),
            pem(8),
            random(91, 36),
            format_args!("ghp_{}", random(91, 36)),
        );
        let mut run = run(json!({}));
        let whole = run.text(&[&text]);
        prop_assert!(!whole.clone().expect("a text").contains(&random(91, 36)));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % text.len()).collect();
        cuts.retain(|cut| text.is_char_boundary(*cut));
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&str> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
        prop_assert_eq!(run.text(&pieces), whole);
    }
}
