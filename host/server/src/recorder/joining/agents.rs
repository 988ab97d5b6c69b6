//! How agents go on with a conversation under another session: the shapes of their requests.

mod kept;
mod summaries;

use sluice_protocol::Api;

use super::wire::{Said, Turn, call, model, result, user};
use super::{Recorder, long};

const TOOLU: &str = "toolu_01A09q90qw90lq917835lq9";
const CALL: &str = "call_abcdefGHIJKL0123456789mn";

/// What an agent does, and of each session that it begins, in order, the place of the one that it continues.
#[derive(Clone)]
struct Case {
    name: &'static str,
    turns: Vec<Turn>,
    joins: &'static [Option<usize>],
}

/// A conversation of some turns about a matter, and its last request's messages.
fn work(api: Api, about: &str) -> (Vec<Turn>, Vec<Said>) {
    let id = match api {
        Api::Anthropic => TOOLU,
        _ => CALL,
    };
    let id = format!("{id}{}", about.len());
    let first = vec![user(&format!("Please look at {about}."))];
    let looked = call(&id, "bash", &format!("ls {about}"));
    let second = [first.clone(), vec![looked.clone(), result(&id, "a file")]].concat();
    let found = model(&long(about));
    let turns = vec![
        Turn::new(api, &first, &[looked]),
        Turn::new(api, &second, std::slice::from_ref(&found)),
    ];
    (turns, [second, vec![found]].concat())
}

/// A conversation, then a request for a summary at its end, then one that begins with what `anew` makes of the summary.
fn compacted(api: Api, about: &str, ask: &str, anew: impl Fn(&str) -> Vec<Said>) -> Vec<Turn> {
    let (mut turns, mut said) = work(api, about);
    let summary = long(&format!("what was done with {about}"));
    said.push(user(ask));
    turns.push(Turn::new(api, &said, &[model(&summary)]));
    let mut said = anew(&summary);
    turns.push(Turn::new(api, &said, &[model("Fine.")]));
    said.extend([model("Fine."), user("Go on.")]);
    turns.push(Turn::new(api, &said, &[model("I do.")]));
    turns
}

fn cases() -> Vec<Case> {
    [summaries::cases(), kept::cases()].concat()
}

#[tokio::test]
async fn what_agents_go_on_with_is_joined() {
    for case in cases() {
        let mut recorder = Recorder::new().await;
        recorder.record("clr_1", &case.turns).await;
        assert_eq!(recorder.joins().await, case.joins, "{}", case.name);
    }
}

/// The last turns of each case come from somebody else.
#[tokio::test]
async fn nothing_is_joined_with_the_sessions_of_others() {
    for case in cases() {
        let mut recorder = Recorder::new().await;
        for (at, turn) in case.turns.iter().enumerate() {
            let caller = format!("clr_{at}");
            recorder.record(&caller, std::slice::from_ref(turn)).await;
        }
        let joins = recorder.joins().await;
        assert_eq!(joins, vec![None; case.turns.len()], "{}", case.name);
    }
}

/// What agents name the same all the time needs no joining.
#[tokio::test]
async fn a_compacted_conversation_with_an_id_is_one_session() {
    for header in ["session_id", "agent-session-id", "x-session-affinity"] {
        let turns = summaries::opencode("the parser").into_iter();
        let turns: Vec<_> = turns.map(|turn| turn.with(header, "one")).collect();
        let mut recorder = Recorder::new().await;
        recorder.record("clr_1", &turns).await;
        assert_eq!(recorder.joins().await, [None], "{header}");
    }
}

/// Nor does what begins with the same words of a person, as Cline, Codex and the API that compacts keep them.
#[tokio::test]
async fn a_compacted_conversation_that_begins_as_before_is_one_session() {
    for api in [Api::Anthropic, Api::OpenaiChat, Api::OpenaiResponses] {
        let ask = "Write a summary of the conversation.";
        let turns = compacted(api, "the parser", ask, |summary| {
            let summary = format!("A summary of it:\n{summary}");
            vec![user("Please look at the parser."), user(&summary)]
        });
        let mut recorder = Recorder::new().await;
        recorder.record("clr_1", &turns).await;
        assert_eq!(recorder.joins().await, [None], "{api:?}");
    }
}
