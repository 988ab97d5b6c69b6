//! Encoded bodies in, decoded ones or faults out.

use std::io::Write as _;

use axum::http::HeaderValue;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 20;

type Encode = fn(&[u8]) -> Vec<u8>;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(plain).unwrap();
    encoder.into_inner()
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 3).unwrap()
}

const ENCODERS: [(Coding, Encode); 5] = [
    (Coding::Gzip, gzip),
    (Coding::Deflate, zlib),
    (Coding::Deflate, raw_deflate),
    (Coding::Brotli, brotli),
    (Coding::Zstd, zstd),
];

fn named(values: &[&str]) -> Result<Vec<Coding>, Fault> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
    }
    of(&headers)
}

/// The reason why a body is damaged.
fn damage(coding: Coding, body: &[u8]) -> &'static str {
    match decode(&[coding], body, LIMIT) {
        Err(Fault::Damaged { reason, .. }) => reason,
        other => panic!("{coding:?}: {:?}", other.map(|decoded| decoded.len())),
    }
}

#[test]
fn codings_are_known_by_each_of_their_names() {
    assert_eq!(named(&[]), Ok(vec![]));
    assert_eq!(named(&["identity"]), Ok(vec![]));
    assert_eq!(named(&["", " , Identity,"]), Ok(vec![]));
    assert_eq!(
        named(&["GZip", "x-gzip"]),
        Ok(vec![Coding::Gzip, Coding::Gzip])
    );
    let all = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];
    assert_eq!(named(&["gzip, deflate ,br", "zstd"]), Ok(all.to_vec()));
}

#[test]
fn what_nobody_speaks_is_foreign() {
    let unknown = named(&["gzip, compress"]).unwrap_err();
    assert_eq!(unknown, Fault::Unknown("compress".to_owned()));
    let many = named(&["gzip, gzip, gzip, gzip, gzip"]).unwrap_err();
    assert_eq!(many, Fault::TooMany);
    assert!(unknown.is_foreign() && many.is_foreign());
    let long = named(&[&"x".repeat(5000)]).unwrap_err();
    assert!(long.to_string().len() < 200, "{long}");
}

#[test]
fn what_was_encoded_is_decoded() {
    let plains = [
        &b""[..],
        b"{}",
        &b"a".repeat(LIMIT),
        &(0..=255).collect::<Vec<u8>>().repeat(999),
    ];
    for (coding, encode) in ENCODERS {
        for plain in plains {
            let decoded = decode(&[coding], &encode(plain), LIMIT);
            assert!(
                decoded.as_deref() == Ok(plain),
                "{coding:?}, {}",
                plain.len()
            );
        }
    }
}

#[test]
fn several_codings_are_undone_last_to_first() {
    let encoded = brotli(&zstd(&zlib(&gzip(b"hello"))));
    let codings = named(&["gzip, deflate", "zstd, br"]).unwrap();
    assert_eq!(decode(&codings, &encoded, LIMIT).unwrap(), b"hello");
}

#[test]
fn members_and_frames_one_after_another_are_one_body() {
    let both = [gzip(b"hel"), gzip(b""), gzip(b"lo")].concat();
    assert_eq!(decode(&[Coding::Gzip], &both, LIMIT).unwrap(), b"hello");
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, b'h', b'i'];
    let both = [&zstd(b"hel")[..], &skippable, &zstd(b"lo")].concat();
    assert_eq!(decode(&[Coding::Zstd], &both, LIMIT).unwrap(), b"hello");
}

#[test]
fn a_body_of_nothing_is_nothing() {
    for (coding, _) in ENCODERS {
        assert_eq!(decode(&[coding], b"", LIMIT), Ok(Vec::new()));
    }
}

#[test]
fn a_byte_over_the_limit_is_too_much_and_the_limit_is_not() {
    let plain = b"ab".repeat(LIMIT / 2 + 1);
    for (coding, encode) in ENCODERS {
        let fits = encode(&plain[..LIMIT]);
        assert!(decode(&[coding], &fits, LIMIT).is_ok(), "{coding:?}");
        let encoded = encode(&plain[..=LIMIT]);
        assert_eq!(
            decode(&[coding], &encoded, LIMIT),
            Err(Fault::TooLarge),
            "{coding:?}"
        );
        assert_eq!(
            decode(&[coding], &encode(b"12345"), 4),
            Err(Fault::TooLarge),
            "{coding:?}"
        );
    }
}

#[test]
fn a_bomb_takes_no_more_than_the_limit_at_any_layer() {
    let plain = vec![0; 64 << 20];
    for (coding, encode) in ENCODERS {
        let bomb = encode(&plain);
        assert!(bomb.len() < LIMIT, "{coding:?}");
        assert_eq!(
            decode(&[coding], &bomb, LIMIT),
            Err(Fault::TooLarge),
            "{coding:?}"
        );
        // Small again once it is decoded: the layer between counts too.
        let hollow = gzip(&encode(&plain));
        let codings = [coding, Coding::Gzip];
        assert_eq!(
            decode(&codings, &hollow, LIMIT),
            Err(Fault::TooLarge),
            "{coding:?}"
        );
    }
}

#[test]
fn members_that_hold_nothing_are_bounded_too() {
    let many = gzip(b"").repeat(MAX_MEMBERS);
    assert_eq!(decode(&[Coding::Gzip], &many, LIMIT), Ok(Vec::new()));
    let more = gzip(b"").repeat(MAX_MEMBERS + 1);
    assert_eq!(damage(Coding::Gzip, &more), "it has too many members");
}

#[test]
fn a_body_that_is_cut_off_is_damaged() {
    for (coding, encode) in ENCODERS {
        let whole = encode(&b"some text, and some text again".repeat(9));
        for length in 1..whole.len() {
            let decoded = decode(&[coding], &whole[..length], LIMIT);
            assert!(
                matches!(decoded, Err(Fault::Damaged { .. })),
                "{coding:?} at {length}"
            );
        }
        assert_eq!(
            damage(coding, &whole[..whole.len() - 1]),
            CUT_OFF,
            "{coding:?}"
        );
    }
}

#[test]
fn bytes_behind_the_end_are_damage() {
    for (coding, encode) in ENCODERS {
        for behind in [&b"\0"[..], b"x", b"garbage behind it", &[0; 64]] {
            damage(coding, &[&encode(b"hello"), behind].concat());
        }
    }
}

#[test]
fn what_is_not_encoded_at_all_is_damaged() {
    for (coding, _) in ENCODERS {
        damage(coding, br#"{"model":"m","input":"hi"}"#);
    }
}

#[test]
fn a_wrong_checksum_is_damage() {
    for (coding, encode, from_end) in [
        (Coding::Gzip, gzip as Encode, 8),
        (Coding::Gzip, gzip, 1),
        (Coding::Deflate, zlib, 1),
    ] {
        let mut encoded = encode(b"hello hello hello");
        let at = encoded.len() - from_end;
        encoded[at] ^= 1;
        assert_eq!(damage(coding, &encoded), CORRUPT);
    }
}

/// As `zstd --long=31` does with a stream of which it does not know the length.
#[test]
fn a_zstd_window_of_two_gibibytes_is_no_reason_to_refuse_a_small_body() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.window_log(31).unwrap();
    encoder.write_all(&b"hello ".repeat(9999)).unwrap();
    let encoded = encoder.finish().unwrap();
    let decoded = decode(&[Coding::Zstd], &encoded, LIMIT).unwrap();
    assert_eq!(decoded, b"hello ".repeat(9999));
}

#[test]
fn a_brotli_stream_of_a_larger_window_than_the_standards_is_refused() {
    let parameters = brotli::enc::BrotliEncoderParams {
        large_window: true,
        lgwin: 30,
        ..Default::default()
    };
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut &b"hello"[..], &mut encoded, &parameters).unwrap();
    assert_eq!(damage(Coding::Brotli, &encoded), CORRUPT);
}

proptest! {
    #[test]
    fn any_bytes_in_any_codings_come_back(
        plain in prop::collection::vec(any::<u8>(), 0..4000),
        order in prop::collection::vec(prop::sample::select(&ENCODERS[..]), 0..=MAX_CODINGS),
    ) {
        let encoded = order.iter().fold(plain.clone(), |body, (_, encode)| encode(&body));
        let codings: Vec<_> = order.iter().map(|(coding, _)| *coding).collect();
        prop_assert_eq!(decode(&codings, &encoded, LIMIT), Ok(plain));
    }

    #[test]
    fn any_bytes_are_decoded_or_refused_within_the_limit(
        body in prop::collection::vec(any::<u8>(), 0..200),
        beginning in prop::sample::select(&ENCODERS[..]),
        kept in 0..40_usize,
    ) {
        let (coding, encode) = beginning;
        let mut encoded = encode(&[b'a'; 5000]);
        encoded.truncate(kept);
        encoded.extend(body);
        if let Ok(decoded) = decode(&[coding], &encoded, 1000) {
            prop_assert!(decoded.len() <= 1000);
        }
    }
}
