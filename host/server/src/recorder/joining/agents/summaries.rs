//! Agents that put a summary in words of their own, or in the model's mouth.

use sluice_protocol::Api;

use super::super::long;
use super::super::wire::{Said, Turn, model, user};
use super::{Case, compacted, work};

pub(super) fn cases() -> Vec<Case> {
    let two = [opencode("the parser"), opencode("the printer's queue")];
    let case = |name, turns| Case {
        name,
        turns,
        joins: &[None, Some(0)],
    };
    vec![
        Case {
            name: "OpenCode, with two conversations",
            turns: two.concat(),
            joins: &[None, Some(0), None, Some(2)],
        },
        case("Codex without its header, in another folder", codex()),
        case("a summary as the first message, in tags", tagged()),
        case("Gemini CLI and what descends from it", gemini_cli()),
        case("LangChain's middleware for summaries", langchain()),
        case("a summary that came as a stream", streamed()),
        Case {
            name: "Goose, which asks for the summary in a request of its own",
            turns: goose(),
            joins: &[None, None, Some(1)],
        },
    ]
}

pub(super) fn opencode(about: &str) -> Vec<Turn> {
    let ask = "Write down what somebody needs who goes on with our conversation.";
    compacted(Api::Anthropic, about, ask, |summary| {
        let go_on = user("Go on if there is something left to do.");
        vec![user("What did we do so far?"), model(summary), go_on]
    })
}

fn codex() -> Vec<Turn> {
    let ask = "Compact the context: write a handoff summary for another model.";
    compacted(Api::OpenaiResponses, "the parser", ask, |summary| {
        let context = "<environment_context>\n  <cwd>~/other</cwd>\n</environment_context>";
        let prefix = "Another model began with this and wrote a summary. It is here to help you:";
        let summary = format!("{prefix}\n{summary}");
        let asked = "Please look at the parser.";
        [context, asked, &summary, "Next."].map(user).to_vec()
    })
}

fn tagged() -> Vec<Turn> {
    let ask = "Write a summary with which you can go on.";
    compacted(Api::Anthropic, "the parser", ask, |summary| {
        vec![user(&format!("<summary>{summary}</summary>"))]
    })
}

fn gemini_cli() -> Vec<Turn> {
    let ask = "Think about it, and then make the <state_snapshot>.";
    compacted(Api::OpenaiChat, "the parser", ask, |summary| {
        let resume = "Go on with the task where it was left.";
        let thanks = model("Got it, and thanks for the additional context!");
        vec![
            user(&format!("{summary}\n\n{resume}")),
            thanks,
            user("Next."),
        ]
    })
}

fn langchain() -> Vec<Turn> {
    let ask = "Extract the context that matters, and summarize it.";
    compacted(Api::OpenaiChat, "the parser", ask, |summary| {
        let summary = format!("Here is a summary of all that was said:\n\n{summary}");
        vec![user(&summary), user("Next.")]
    })
}

fn streamed() -> Vec<Turn> {
    let (mut turns, mut said) = work(Api::Anthropic, "the parser");
    let summary = long("what was done with the parser");
    said.push(user("Write a summary of the conversation."));
    turns.push(Turn::new(Api::Anthropic, &said, &[]).streamed(&summary));
    let anew = user(&format!("The conversation is summarized below:\n{summary}"));
    turns.push(Turn::new(Api::Anthropic, &[anew], &[model("Fine.")]));
    turns
}

fn goose() -> Vec<Turn> {
    let api = Api::OpenaiChat;
    let (mut turns, _) = work(api, "the parser");
    let summary = long("what was done with the parser");
    let ask = "Summarize the conversation that stands in the system prompt.";
    turns.push(Turn::new(api, &[user(ask)], &[model(&summary)]));
    let told: Said = model("Your context was compacted, and what is said above is a summary.");
    let anew = [user(&summary), told, user("Please look at the parser.")];
    turns.push(Turn::new(api, &anew, &[model("Fine.")]));
    turns
}
