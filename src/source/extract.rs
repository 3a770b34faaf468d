//! Morsels to batches: takes a morsel, gives the events that pass, with the wanted fields.
//!
//! Events that can't match are left out by their bytes; the filter's fields come next, then the rest for what is left.
//! Where the wanted fields are known by name, both are read in one walk: another path costs less than another walk.

use super::assemble::{Built, Findings};
use super::event::{Reader, Setting};
use super::left_out::Flaw;
use super::morsel::{Content, Metadata, Morsel};
use super::places::Found;
use super::projection::Projection;
use super::scanner::Level;
use super::skip::{Skip, lines};
use super::{Options, Request};
use crate::data::time::{Timestamp, Zone};
use crate::data::{Batch, Context, Demand, Filter, Mask, narrow};
use crate::diagnostic::Diagnostic;
use std::sync::Arc;

/// A request, compiled.
pub struct Extractor {
    demand: Demand,
    filter: Option<Arc<dyn Filter>>,
    further: Option<Arc<dyn Filter>>,
    /// Fields that the filters and the bounds need; with an exact demand also all others.
    first: Projection,
    /// The other fields, when they are read in a second walk.
    second: Option<Projection>,
    prefilter: Skip,
    earliest: Option<Timestamp>,
    latest: Option<Timestamp>,
    options: Options,
    zone: Zone,
    level: Level,
    batch_size: usize,
}

/// One worker's memory.
pub struct Scratch {
    first: Reader,
    second: Option<Reader>,
    found: Found,
    /// Which of the events may match, where others are among them.
    candidate: Vec<bool>,
}

/// What came of a morsel.
pub struct Extracted {
    /// The events that passed, in order.
    pub batches: Vec<Batch>,
    /// Events seen.
    pub events: u64,
    /// Events that the filter and the bounds keep.
    pub matched: u64,
    /// Events without a time.
    pub timeless: u64,
    /// Offsets in the morsel of events that are not as they should be, each once, by what is wrong.
    pub flawed: [(Flaw, Vec<usize>); 3],
}

impl Default for Extracted {
    fn default() -> Self {
        Self {
            batches: Vec::new(),
            events: 0,
            matched: 0,
            timeless: 0,
            flawed: [Flaw::NotJson, Flaw::NotUtf8, Flaw::TooDeep].map(|flaw| (flaw, Vec::new())),
        }
    }
}

impl Extracted {
    /// Adds what was noticed while the events `which` were read; `true` when one of them is no JSON and was not known to be.
    fn note(&mut self, findings: &Findings, which: &[u32], events: &[(usize, usize)]) -> bool {
        let mut news = false;
        let rows = [&findings.broken, &findings.invalid, &findings.too_deep];
        for ((flaw, known), rows) in self.flawed.iter_mut().zip(rows) {
            known.sort_unstable();
            let before = known.len();
            for row in rows {
                let event = which.get(*row as usize);
                let range = event.and_then(|at| events.get(*at as usize));
                if let Some((start, _)) = range
                    && known[..before].binary_search(start).is_err()
                {
                    known.push(*start);
                    news |= *flaw == Flaw::NotJson;
                }
            }
        }
        news
    }
}

impl Extractor {
    /// Compiles a request.
    pub fn new(request: &Request, options: &Options, context: &Context) -> Self {
        let level = Level::best();
        let bounded = request.earliest.is_some() || request.latest.is_some();
        let mut first = request
            .filter
            .as_ref()
            .map_or_else(Demand::none, |f| f.demand().clone());
        if let Some(further) = &request.further {
            first.union(further.demand());
        }
        if bounded {
            first.add("_time");
        }
        let asked = request.filter.is_some() || request.further.is_some();
        let exact = request.demand.is_exact() && request.any_of.is_empty();
        let single = exact || (!asked && !bounded);
        let shared = !request.any_of.is_empty();
        if single {
            first.union(&request.demand);
        }
        Self {
            demand: request.demand.clone(),
            filter: request.filter.clone(),
            further: request.further.clone(),
            first: Projection::new(&first).shared(shared),
            second: (!single).then(|| Projection::new(&request.demand).shared(shared)),
            prefilter: Skip::new(request, options, level),
            earliest: request.earliest,
            latest: request.latest,
            options: options.clone(),
            zone: context.zone,
            level,
            batch_size: context.batch_size.max(1),
        }
    }

    /// Memory for one worker.
    pub fn scratch(&self) -> Scratch {
        Scratch {
            first: Reader::new(&self.first),
            second: self.second.as_ref().map(Reader::new),
            found: Found::default(),
            candidate: Vec::new(),
        }
    }

    /// The events of a morsel that pass.
    pub fn extract(&self, morsel: &Morsel, scratch: &mut Scratch) -> Result<Extracted, Diagnostic> {
        let mut out = Extracted::default();
        self.find(morsel, scratch, &mut out);
        let only_count = self.counts() && self.second.is_none();
        if only_count && !self.options.strict {
            out.matched = out.events;
            let mut whole = Batch::new(scratch.found.events.len());
            whole.position = morsel.position;
            self.cut(&whole, &mut out);
            self.note_torn(morsel, scratch, &mut out);
            return Ok(out);
        }
        let kept: Vec<u32> = (0u32..)
            .zip(&scratch.candidate)
            .filter(|(_, candidate)| **candidate)
            .map(|(at, _)| at)
            .collect();
        let built = self.read(
            &self.first,
            &mut scratch.first,
            &scratch.found.events,
            morsel,
            &kept,
        );
        out.note(&built.findings, &kept, &scratch.found.events);
        out.timeless = built.findings.timeless;
        self.note_torn(morsel, scratch, &mut out);
        let matched = self.mask(&built)?;
        out.matched = matched.as_ref().map_or(kept.len(), Mask::true_count) as u64;
        let mask = self.ask(&built, matched)?;
        let mut batch = match &mask {
            Some(mask) => built.batch.filter(mask),
            None => built.batch,
        };
        if let (Some(projection), Some(reader)) = (&self.second, &mut scratch.second)
            && !batch.is_empty()
        {
            let survivors: Vec<u32> = match &mask {
                Some(mask) => kept
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| mask.value(*i))
                    .map(|(_, at)| *at)
                    .collect(),
                None => kept,
            };
            let rest = self.read(
                projection,
                reader,
                &scratch.found.events,
                morsel,
                &survivors,
            );
            batch = rest.batch;
            if out.note(&rest.findings, &survivors, &scratch.found.events) {
                let broken = &rest.findings.broken;
                let kept = self.pass_as_text(batch, broken, &survivors, morsel, scratch)?;
                out.matched -= kept.1;
                batch = kept.0;
            }
        }
        batch.retain(|name| self.demand.wants(name));
        self.cut(&batch, &mut out);
        Ok(out)
    }

    /// Whether nothing is asked of any event, and nothing is read of it.
    fn counts(&self) -> bool {
        self.filter.is_none() && self.further.is_none() && self.first.is_count()
    }

    /// Which of the rows that match also pass what is asked of them further.
    fn ask(&self, built: &Built, matched: Option<Mask>) -> Result<Option<Mask>, Diagnostic> {
        match &self.further {
            Some(further) => narrow(further.as_ref(), &built.batch, matched.as_ref()).map(Some),
            None => Ok(matched),
        }
    }

    /// Drops the rows that only the second walk found to be no JSON, where they don't pass as the text that they are;
    /// tells how many of them don't match.
    fn pass_as_text(
        &self,
        batch: Batch,
        broken: &[u32],
        survivors: &[u32],
        morsel: &Morsel,
        scratch: &mut Scratch,
    ) -> Result<(Batch, u64), Diagnostic> {
        let event = |row: &u32| survivors.get(*row as usize).copied();
        let events: Vec<u32> = broken.iter().filter_map(event).collect();
        let reader = &mut scratch.first;
        let built = self.read_as(
            true,
            &self.first,
            reader,
            &scratch.found.events,
            morsel,
            &events,
        );
        let matched = self.mask(&built)?;
        let unmatched = matched.as_ref().map_or(0, |m| m.len() - m.true_count());
        if let Some(further) = &self.further {
            further.recall(events.len());
        }
        let Some(mask) = self.ask(&built, matched)? else {
            return Ok((batch, 0));
        };
        let mut keep = vec![true; batch.rows()];
        for (row, passes) in broken.iter().zip(mask.values()) {
            if let Some(slot) = keep.get_mut(*row as usize) {
                *slot = passes;
            }
        }
        Ok((batch.filter(&keep.into()), unmatched as u64))
    }

    /// The events of the morsel as ranges, and which may match. Lines that can't are only counted.
    fn find(&self, morsel: &Morsel, scratch: &mut Scratch, out: &mut Extracted) {
        let bytes = morsel.buffer.as_slice();
        let Scratch {
            found, candidate, ..
        } = scratch;
        found.clear();
        candidate.clear();
        // Fields that an envelope gave stand in no event's text.
        let wholly_text = morsel.metadata.iter().all(|m| m.fields.is_empty());
        let filter = self.prefilter.of(morsel).filter(|_| wholly_text);
        match (&morsel.content, filter) {
            (Content::Lines, Some(filter)) => filter.lines(bytes, found),
            (Content::Lines, None) => lines(bytes, 0, &mut found.events),
            (Content::Records(records), _) => {
                found
                    .events
                    .extend(records.iter().map(|r| (r.start, r.end)));
                if let Some(filter) = filter {
                    candidate.resize(found.events.len(), false);
                    filter.mark(bytes, &found.events, candidate);
                }
            }
        }
        candidate.resize(found.events.len(), true);
        out.events = found.events.len() as u64 + found.unread;
    }

    /// Events that were not read and don't end as they begin.
    fn note_torn(&self, morsel: &Morsel, scratch: &Scratch, out: &mut Extracted) {
        let bytes = morsel.buffer.as_slice();
        let [(_, broken), ..] = &mut out.flawed;
        broken.extend(&scratch.found.torn);
        let counted = self.counts();
        if !counted && (self.prefilter.is_none() || matches!(morsel.content, Content::Lines)) {
            return;
        }
        for (at, (&(start, end), candidate)) in scratch
            .found
            .events
            .iter()
            .zip(&scratch.candidate)
            .enumerate()
        {
            let unread = (!candidate || counted) && !is_text(morsel, at);
            if unread
                && bytes.get(start) == Some(&b'{')
                && bytes.get(end.saturating_sub(1)) != Some(&b'}')
            {
                broken.push(start);
            }
        }
    }

    fn read(
        &self,
        projection: &Projection,
        reader: &mut Reader,
        events: &[(usize, usize)],
        morsel: &Morsel,
        which: &[u32],
    ) -> Built {
        self.read_as(false, projection, reader, events, morsel, which)
    }

    fn read_as(
        &self,
        as_text: bool,
        projection: &Projection,
        reader: &mut Reader,
        events: &[(usize, usize)],
        morsel: &Morsel,
        which: &[u32],
    ) -> Built {
        let mut setting = Setting {
            options: &self.options,
            zone: self.zone,
            level: self.level,
            as_text,
        };
        let none = Metadata::default();
        for (row, at) in (0u32..).zip(which) {
            let Some(&range) = events.get(*at as usize) else {
                continue;
            };
            setting.as_text = as_text || is_text(morsel, *at as usize);
            let metadata = envelope(morsel, *at as usize).and_then(|i| morsel.metadata.get(i));
            reader.event(
                projection,
                &setting,
                morsel,
                row,
                range,
                metadata.unwrap_or(&none),
            );
        }
        reader.finish(projection, morsel, which.len(), |row| {
            which.get(row).and_then(|at| envelope(morsel, *at as usize))
        })
    }

    /// Which rows pass the bounds and the filter; `None` when all do without a look.
    fn mask(&self, built: &Built) -> Result<Option<Mask>, Diagnostic> {
        let by_filter = self.filter.as_ref().map(|filter| filter.keep(&built.batch));
        let by_filter = by_filter.transpose()?;
        if self.earliest.is_none() && self.latest.is_none() {
            return Ok(by_filter);
        }
        let inside = built.times.iter().map(|time| {
            time.is_some_and(|t| {
                self.earliest.is_none_or(|e| t >= e) && self.latest.is_none_or(|l| t < l)
            })
        });
        let by_time: Mask = inside.collect::<Vec<bool>>().into();
        Ok(Some(match by_filter {
            Some(by_filter) => Mask::new(by_filter.values() & by_time.values(), None),
            None => by_time,
        }))
    }

    /// Cuts a batch to size; the pieces' positions rise.
    fn cut(&self, batch: &Batch, out: &mut Extracted) {
        for (number, offset) in (0u64..).zip((0..batch.rows()).step_by(self.batch_size)) {
            let mut piece = batch.slice(offset, self.batch_size);
            piece.position.part = (batch.position.part << 20) + number;
            out.batches.push(piece);
        }
    }
}

fn is_text(morsel: &Morsel, event: usize) -> bool {
    matches!(&morsel.content, Content::Records(records) if records.get(event).is_some_and(|r| r.is_text))
}

/// The metadata that holds for an event.
fn envelope(morsel: &Morsel, event: usize) -> Option<usize> {
    match &morsel.content {
        Content::Records(records) => records.get(event).map(|r| r.metadata as usize),
        Content::Lines => (!morsel.metadata.is_empty()).then_some(0),
    }
}
