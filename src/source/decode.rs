//! Compressed bytes to plain ones, told by content: takes a reader, gives a reader of what is inside.

use super::utf16::Utf16;
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// A reader that a thread of its own may drain.
pub type Reader = Box<dyn Read + Send>;

/// Bytes looked at to tell a packing.
pub const HEAD: usize = 16;

/// How bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip, any number of members.
    Gzip,
    /// Zstandard, any number of frames.
    Zstd,
    /// bzip2, any number of streams.
    Bzip2,
    /// xz, any number of streams.
    Xz,
    /// UTF-16 text, little end first when true; without a byte order mark it begins with three ASCII characters.
    Utf16(bool),
}

impl Packing {
    /// What the first bytes say; `None` for plain bytes.
    pub fn of(head: &[u8]) -> Option<Packing> {
        Some(match head {
            [0x1F, 0x8B, 8, ..] => Packing::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Packing::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..] => Packing::Bzip2,
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Xz,
            [0xFF, 0xFE, ..] => Packing::Utf16(true),
            [0xFE, 0xFF, ..] => Packing::Utf16(false),
            [a, 0, b, 0, c, 0, ..] if [a, b, c].into_iter().all(is_ascii_text) => {
                Packing::Utf16(true)
            }
            [0, a, 0, b, 0, c, ..] if [a, b, c].into_iter().all(is_ascii_text) => {
                Packing::Utf16(false)
            }
            _ => return None,
        })
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
            Packing::Bzip2 => "bzip2",
            Packing::Xz => "xz",
            Packing::Utf16(_) => "UTF-16",
        }
    }

    fn unpack(self, reader: Reader) -> io::Result<Reader> {
        let reader = BufReader::with_capacity(1 << 17, reader);
        let inner: Reader = match self {
            Packing::Gzip => Box::new(Members(Some(flate2::bufread::GzDecoder::new(reader)))),
            Packing::Zstd => Box::new(zstd::Decoder::with_buffer(reader)?),
            Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
            Packing::Xz => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(reader)),
            Packing::Utf16(little) => Box::new(Utf16::new(reader, little)),
        };
        Ok(Box::new(Named {
            inner,
            name: self.name(),
        }))
    }
}

/// Unpacks up to two compressions and an encoding. An error while looking at the inner bytes comes out of the reader, so that what
/// could be read before it is not lost.
pub fn unpack(mut reader: Reader) -> Reader {
    let mut packings: Vec<Packing> = Vec::new();
    loop {
        let (head, rest) = peek(reader);
        let packing = Packing::of(&head).filter(|p| {
            let compressions = packings.iter().filter(|p| !is_text(**p)).count();
            compressions < 2 || is_text(*p)
        });
        reader = rest;
        match packing {
            Some(packing) if packings.len() < 3 => {
                packings.push(packing);
                reader = match packing.unpack(reader) {
                    Ok(inner) => inner,
                    Err(error) => Box::new(Failed(Some(error))),
                };
            }
            _ => return reader,
        }
    }
}

/// A character of text in ASCII.
fn is_ascii_text(byte: &u8) -> bool {
    byte.is_ascii_graphic() || byte.is_ascii_whitespace()
}

/// gzip members one after the other; zeros that pad the last one (tapes, block devices) are no damage.
struct Members<R>(Option<flate2::bufread::GzDecoder<R>>);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let count = member.read(out)?;
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            let Some(mut rest) = self.0.take().map(flate2::bufread::GzDecoder::into_inner) else {
                break;
            };
            if !skip_zeros(&mut rest)? {
                self.0 = Some(flate2::bufread::GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Goes over zero bytes; `true` when nothing follows them.
fn skip_zeros(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = reader.fill_buf()?;
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        if bytes.is_empty() || zeros < bytes.len() {
            let ended = bytes.is_empty();
            reader.consume(zeros);
            return Ok(ended);
        }
        reader.consume(zeros);
    }
}

fn is_text(packing: Packing) -> bool {
    matches!(packing, Packing::Utf16(_))
}

/// The first bytes of a reader, and a reader that starts with them again (and ends with the error that stopped them).
/// A pipe that pauses must not hold back what it has given: bytes that can't be packed are not waited for.
fn peek(mut reader: Reader) -> (Vec<u8>, Reader) {
    let mut head = vec![0; HEAD];
    let mut filled = 0;
    let mut failed = None;
    while filled < HEAD {
        match reader.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
        let magic = matches!(head[0], 0 | 0x1F | 0x28 | b'B' | 0xFD | 0xFE | 0xFF);
        if !magic && filled > 1 && head[1] != 0 {
            break;
        }
    }
    head.truncate(filled);
    let start = Cursor::new(head.clone());
    let rest: Reader = match failed {
        Some(error) => Box::new(start.chain(Failed(Some(error)))),
        None => Box::new(start.chain(reader)),
    };
    (head, rest)
}

/// A reader whose errors say which packing they come from.
struct Named {
    inner: Reader,
    name: &'static str,
}

impl Read for Named {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.inner.read(out).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => io::Error::new(kind, format!("{}: {error}", self.name)),
        })
    }
}

/// A reader that fails once, then ends.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> (Vec<u8>, Option<io::Error>) {
        let mut out = Vec::new();
        let error = unpack(Box::new(Cursor::new(bytes))).read_to_end(&mut out);
        (out, error.err())
    }

    #[test]
    fn every_packing_is_told_by_content() {
        let text = b"{\"a\":1}\n".repeat(3000);
        let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bz.write_all(&text).unwrap();
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(&text).unwrap();
        for (name, packed) in [
            ("gzip", gzip(&text)),
            ("zstd", zstd::encode_all(&text[..], 1).unwrap()),
            ("bzip2", bz.finish().unwrap()),
            ("xz", xz.finish().unwrap()),
        ] {
            let twice = [packed.clone(), packed.clone()].concat();
            let (out, error) = read(twice);
            assert!(error.is_none(), "{name}: {error:?}");
            assert_eq!(Packing::of(&packed).map(Packing::name), Some(name));
            assert!(out == [text.clone(), text.clone()].concat(), "{name}");
        }
        assert!(read(text.clone()).0 == text);
    }

    #[test]
    fn zeros_after_gzip_are_no_damage_and_other_bytes_are() {
        let (out, error) = read(
            [
                gzip(b"x"),
                gzip(b""),
                vec![0; 70_000],
                gzip(b"y"),
                vec![0; 9],
            ]
            .concat(),
        );
        assert!(out == b"xy" && error.is_none(), "{error:?}");
        let (out, error) = read([gzip(b"x"), b"rubbish".to_vec()].concat());
        assert!(out == b"x" && error.is_some());
    }

    #[test]
    fn utf16_is_told_without_its_mark() {
        let text = "{\"a\":\"\u{e9}\"}\n";
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let packed = text.encode_utf16().flat_map(bytes).collect();
            assert_eq!(read(packed).0, text.as_bytes());
        }
    }

    #[test]
    fn two_compressions_are_taken_off_and_no_third() {
        let (out, _) = read(gzip(&zstd::encode_all(&gzip(b"x")[..], 1).unwrap()));
        assert_eq!(Packing::of(&out), Some(Packing::Gzip));
    }

    #[test]
    fn what_comes_before_a_cut_is_given() {
        let text: Vec<u8> = (0..60_000u32)
            .flat_map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect();
        let mut packed = gzip(&text);
        packed.truncate(packed.len() / 2);
        let (out, error) = read(packed);
        assert!(out.len() > text.len() / 3 && text.starts_with(&out));
        assert!(error.is_some());
    }
}
