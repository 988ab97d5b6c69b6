//! One text or one block, by where it stands.

use sluice_protocol::{Block, BlockAddress, PlacedBlock, Request};

use super::{APIS, example, parts, request, texts_of};

#[test]
fn a_text_is_found_by_its_number_before_and_after_it_is_replaced() {
    for api in APIS {
        let mut request = request(api, example(api));
        for part in parts(&mut *request) {
            let texts = texts_of(&mut *request, part);
            let numbered = |request: &mut dyn Request| {
                let numbers = 0..u32::try_from(texts.len()).unwrap() + 1;
                let found = numbers.map(|number| request.text(part, number));
                found.collect::<Vec<_>>()
            };
            let all = |change: fn(&str) -> String| {
                let texts = texts.iter().map(|text| Some(change(&text.text)));
                texts.chain([None]).collect::<Vec<_>>()
            };
            assert_eq!(numbered(&mut *request), all(str::to_owned), "{api:?}");
            let change = |text: &str| text.replace("READ", "DONE");
            let changed = (0..).zip(texts.iter().map(|text| change(&text.text)));
            let changed: Vec<(u32, String)> = changed.collect();
            request.replace_texts(part, &changed).unwrap();
            assert_eq!(numbered(&mut *request), all(change), "{api:?}");
        }
        let nowhere = request.message_count();
        assert_eq!(request.text(Some(nowhere), 0), None);
    }
}

#[test]
fn a_block_is_found_by_its_address_before_and_after_one_is_replaced() {
    for api in APIS {
        let mut request = request(api, example(api));
        let check = |request: &mut dyn Request| {
            let mut texts = Vec::new();
            for message in 0..request.message_count() {
                let placed = request.message(message);
                for placed in &placed {
                    assert_eq!(request.block(placed.at).as_ref(), Some(&placed.block));
                }
                let block = u32::try_from(placed.len()).unwrap();
                assert_eq!(request.block(BlockAddress { message, block }), None);
                let is_text = |placed: &PlacedBlock| matches!(placed.block, Block::Text(_));
                texts.extend(placed.into_iter().filter(is_text).map(|placed| placed.at));
            }
            texts
        };
        let texts = check(&mut *request);
        assert!(!texts.is_empty(), "{api:?}");
        for at in texts {
            let made = Block::Text("made".to_owned());
            request.replace(at, std::slice::from_ref(&made)).unwrap();
            assert_eq!(request.block(at), Some(made));
        }
        check(&mut *request);
    }
}
