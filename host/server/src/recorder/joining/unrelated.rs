//! Conversations of one caller that have much in common and do not go on from each other.

use proptest::collection::vec;
use proptest::prelude::*;
use sluice_protocol::Api;

use super::wire::{Said, Turn, call, model, result, user};
use super::{Recorder, long};

const APIS: [Api; 3] = [Api::Anthropic, Api::OpenaiChat, Api::OpenaiResponses];

/// An example that an agent gives with each request: a call of its own, and words that no model ever said.
fn example() -> Vec<Said> {
    vec![
        user("Show how you would rename a variable."),
        model(&long("renaming a variable, as an example")),
        call(
            "call_example_0123456789abcdef",
            "bash",
            "sed -i s/a/b/ a.rs",
        ),
        result("call_example_0123456789abcdef", "done"),
    ]
}

/// What is asked and answered in turn. Each conversation is a caller's own.
fn turns(api: Api, talk: &[(Vec<Said>, Said)]) -> Vec<Turn> {
    let mut said = Vec::new();
    let turn = |(asked, reply): &(Vec<Said>, Said)| {
        said.extend(asked.clone());
        let turn = Turn::new(api, &said, std::slice::from_ref(reply));
        said.push(reply.clone());
        turn
    };
    talk.iter().map(turn).collect()
}

/// Two conversations of one turn each, with what they share.
type Pair = (&'static str, [(Vec<Said>, Said); 2]);

/// What agents and models have in common.
fn agents_share() -> Vec<Pair> {
    let ask = |text: &str| vec![user(text)];
    let short = model("Let me look at the tests first.");
    let counted = call("functions.bash:0", "bash", "ls");
    let again = [
        user("See."),
        counted.clone(),
        result("functions.bash:0", "a file"),
    ];
    let (parser, printer) = (model(&long("the parser")), model(&long("the printer")));
    let with_example = [example(), ask("Fix the parser.")].concat();
    let other_example = [ask("Hello."), example(), ask("Fix the printer.")].concat();
    let title = "Give a title to this conversation: Fix the parser.";
    vec![
        (
            "the system prompt and the tools",
            [
                (ask("Fix the parser."), parser.clone()),
                (ask("Fix the printer."), printer.clone()),
            ],
        ),
        (
            "short words",
            [
                (ask("continue"), short.clone()),
                (
                    vec![user("go on"), short, user("continue")],
                    printer.clone(),
                ),
            ],
        ),
        (
            "examples that the agent gives",
            [(with_example, parser.clone()), (other_example, printer)],
        ),
        (
            "calls that the provider counts",
            [(ask("Look."), counted), (again.to_vec(), model("Fine."))],
        ),
        (
            "the title of a conversation",
            [
                (ask("Fix the parser."), parser),
                (ask(title), model("The parser")),
            ],
        ),
    ]
}

/// What one conversation has of another.
fn texts_are_shared() -> Vec<Pair> {
    let ask = |text: String| vec![Said::User(text)];
    let poem = long("the sea, in a poem");
    let (told, fine) = (model(&poem), model("Fine."));
    let (write, sum_up) = (ask("Write a poem.".into()), ask("Write a summary.".into()));
    let read = |words: &str| ask(format!("{words} the summary. {poem}"));
    let file = |id: &str| {
        let looked = [
            user("Look."),
            call(id, "bash", "cat a"),
            result(id, &long("a file")),
        ];
        looked.to_vec()
    };
    vec![
        (
            "a reply that a program hands on to another agent",
            [
                (write.clone(), told.clone()),
                (
                    ask(format!("Write a summary of this text:\n{poem}")),
                    fine.clone(),
                ),
            ],
        ),
        (
            "a reply that a person quotes",
            [
                (write, told.clone()),
                (
                    ask(format!("You wrote:\n\n{poem}\n\nMake it rhyme.")),
                    fine.clone(),
                ),
            ],
        ),
        (
            "a summary that nobody introduces",
            [
                (sum_up.clone(), told.clone()),
                (ask(format!("Draw this:\n{poem}")), fine.clone()),
            ],
        ),
        (
            "a part of a summary",
            [
                (sum_up, told),
                (
                    ask(format!("A summary:\n{}", &poem[..poem.len() - 5])),
                    fine.clone(),
                ),
            ],
        ),
        (
            "a text of a person",
            [
                (read("Read"), fine.clone()),
                (read("Look at"), fine.clone()),
            ],
        ),
        (
            "what a tool gave back",
            [
                (file("call_0123456789abcdefghijkl"), fine.clone()),
                (
                    [ask("So.".into()), file("call_other6789abcdefghijkl")].concat(),
                    fine,
                ),
            ],
        ),
    ]
}

#[tokio::test]
async fn what_conversations_share_joins_none() {
    for api in APIS {
        for (name, pair) in [agents_share(), texts_are_shared()].concat() {
            let mut recorder = Recorder::new().await;
            for one in pair {
                recorder.record("clr_1", &turns(api, &[one])).await;
            }
            assert_eq!(recorder.joins().await, [None, None], "{name}, {api:?}");
        }
    }
}

/// What a conversation may begin with that others have too.
fn shared() -> impl Strategy<Value = Vec<Said>> {
    prop_oneof![
        Just(example()),
        Just(vec![user("continue")]),
        Just(vec![model("Let me look at the tests first.")]),
        Just(vec![model(&long("what two were told"))]),
        Just(vec![user(&format!(
            "A summary: {}",
            long("what two were told")
        ))]),
        (0..3_u8).prop_map(|at| {
            let id = format!("functions.bash:{at}");
            vec![call(&id, "bash", "ls"), result(&id, "a file")]
        }),
        Just(vec![user("What did we do so far?")]),
    ]
}

/// What a model may say that it says to others too.
fn told_to_several() -> impl Strategy<Value = Said> {
    prop_oneof![
        Just(model("Let me look at the tests first.")),
        Just(model(&long("what two were told"))),
        (0..3_u8).prop_map(|at| call(&format!("functions.bash:{at}"), "bash", "ls")),
    ]
}

/// A conversation: what it begins with, and what the model says, if it says that to several.
fn talk() -> impl Strategy<Value = (Vec<Vec<Said>>, Vec<Option<Said>>)> {
    (
        vec(shared(), 0..4),
        vec(proptest::option::of(told_to_several()), 1..4),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever conversations share, none is joined. One that repeats what the model said to one of them alone is joined to that one.
    #[test]
    fn conversations_are_joined_by_what_one_was_told(
        api in proptest::sample::select(&APIS[..]),
        talks in vec(talk(), 2..7),
        which in any::<proptest::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut recorder = Recorder::new().await;
            // Two that were told the same, so that it tells nothing.
            let told = model(&long("what two were told"));
            for name in ["one", "two"] {
                let talk = [(vec![user(name)], told.clone())];
                recorder.record("clr_1", &turns(api, &talk)).await;
            }
            for (at, (begin, replies)) in talks.iter().enumerate() {
                let reply = |(turn, reply): (usize, &Option<Said>)| {
                    let asked = vec![user(&format!("Ask {turn}."))];
                    let own = || model(&long(&format!("conversation {at}, turn {turn}")));
                    (asked, reply.clone().unwrap_or_else(own))
                };
                let mut talk: Vec<_> = replies.iter().enumerate().map(reply).collect();
                let own = vec![user(&format!("Conversation {at}."))];
                talk[0].0 = [own, begin.concat(), talk[0].0.clone()].concat();
                talk.push((vec![user("End.")], model(&long(&format!("the end of {at}")))));
                recorder.record("clr_1", &turns(api, &talk)).await;
            }
            let none = vec![None; talks.len() + 2];
            assert_eq!(recorder.joins().await, none);

            let at = which.index(talks.len());
            let said = [user("Anew."), model(&long(&format!("the end of {at}"))), user("Go on.")];
            recorder.record("clr_1", &[Turn::new(api, &said, &[model("Fine.")])]).await;
            let joined = [none, vec![Some(at + 2)]].concat();
            assert_eq!(recorder.joins().await, joined);
        });
    }
}
