//! The generated hardware against the arithmetic it stands for, by interpretation.

use super::parts;
use super::parts::compressor::DotDiagram;
use super::{Array, Dataflow, Engine, EngineError, EngineSpec, NOfM, Operand, SerialSchedule, Stream};
use crate::encoding::EncodingKind;
use crate::netlist::{Interpreter, ModuleBuilder, NetlistBuilder, ResetKind};
use crate::notation::transform::{Parameters, SyncPeriod};

#[test]
fn every_encoder_gives_the_digits_of_its_encoding() {
    for kind in EncodingKind::ALL {
        for bits in [2, 3, 4, 5, 6, 7, 8, 9, 13] {
            let mut builder = NetlistBuilder::new();
            let module = parts::encoder::encoder(&mut builder, "t", kind, bits).unwrap();
            let netlist = builder.finish(module, ResetKind::AsyncLow);
            let mut sim = Interpreter::new(&netlist).unwrap();
            let ports = parts::encoder::EncoderPorts::new(kind, bits);
            let x = sim.port("x_i").unwrap();
            for value in -(1i32 << (bits - 1))..1 << (bits - 1) {
                sim.set(x, 0, (value as u64) & ((1 << bits) - 1));
                sim.settle();
                let mut digits = vec![0i32; ports.slots as usize];
                let mut negative = vec![false; ports.slots as usize];
                for lines in &ports.lines {
                    let word = sim.get(sim.port(&format!("{}_o", lines.name)).unwrap(), 0);
                    for (bit, &slot) in lines.slots.iter().enumerate() {
                        if word >> bit & 1 == 1 {
                            if lines.magnitude == 0 {
                                negative[slot as usize] = true;
                            } else {
                                assert_eq!(digits[slot as usize], 0, "{kind:?} {bits} {value}: two magnitudes at once");
                                digits[slot as usize] = lines.magnitude as i32;
                            }
                        }
                    }
                }
                let got: Vec<i8> =
                    digits.iter().zip(&negative).map(|(&d, &n)| if n { -d as i8 } else { d as i8 }).collect();
                let expected = kind.encoding().encode(value, bits).unwrap();
                assert_eq!(got, expected, "{kind:?}, {bits} bits, {value}");
            }
        }
    }
}

#[test]
fn a_dot_diagram_of_any_shape_keeps_its_sum() {
    let mut state = 1u64;
    let mut random = move |bound: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % bound
    };
    for case in 0..60 {
        let width = 1 + random(40) as u32;
        let mut m = ModuleBuilder::new("tree");
        let mut diagram = DotDiagram::new(width);
        let mut words = Vec::new();
        for index in 0..1 + random(9) {
            let bits = 1 + random(12) as u32;
            let low = random(u64::from(width)) as u32;
            let net = m.input(&format!("x{index}_i"), bits, "addend");
            diagram.add_word(&m, net, low, random(3) as u32);
            words.push((bits, low));
        }
        let constant = random(1 << 31) << random(20);
        diagram.add_constant(constant);
        let (sum, carry) = diagram.reduce(&mut m);
        m.output("sum_o", sum, "");
        m.output("carry_o", carry, "");
        let mut builder = NetlistBuilder::new();
        let module = builder.intern(m.finish().unwrap()).unwrap();
        // Addends may hang over the top of the diagram, so unread bits are no defect here: only the arithmetic counts.
        let mut sim = Interpreter::new(&builder.finish(module, ResetKind::AsyncLow)).unwrap();
        let [sum, carry] = ["sum_o", "carry_o"].map(|port| sim.port(port).unwrap());
        for _ in 0..20 {
            let mut expected = constant;
            for (index, &(bits, low)) in words.iter().enumerate() {
                let value = random(1 << bits);
                sim.set(sim.port(&format!("x{index}_i")).unwrap(), 0, value);
                expected = expected.wrapping_add(value << low);
            }
            sim.settle();
            let total = sim.get(sum, 0).wrapping_add(sim.get(carry, 0)) & (u64::MAX >> (64 - width));
            assert_eq!(
                total,
                expected & (u64::MAX >> (64 - width)),
                "case {case}: {words:?} + {constant:#x} in {width}"
            );
            assert_eq!(sim.get(carry, 0) & 1, 0, "case {case}: the carry word has a bit of weight 1");
        }
    }
}

#[test]
fn a_mask_of_any_width_is_split_into_its_lowest_bit_and_the_others() {
    for width in 1..=12 {
        let mut m = ModuleBuilder::new("split");
        let mask = m.input("mask_i", width, "any word");
        let (pick, rest) = parts::reduce::lowest_and_rest(&mut m, "mask", mask);
        let alone = parts::reduce::lowest(&mut m, "alone", mask);
        for (port, net) in [("pick_o", pick), ("rest_o", rest), ("alone_o", alone)] {
            m.output(port, net, "");
        }
        let mut builder = NetlistBuilder::new();
        let module = builder.intern(m.finish().unwrap()).unwrap();
        let mut sim = Interpreter::new(&builder.finish(module, ResetKind::AsyncLow)).unwrap();
        let ports = ["mask_i", "pick_o", "rest_o", "alone_o"].map(|port| sim.port(port).unwrap());
        for value in 0..1u64 << width {
            sim.set(ports[0], 0, value);
            sim.settle();
            let lowest = value & value.wrapping_neg();
            assert_eq!(
                ports[1..].iter().map(|&port| sim.get(port, 0)).collect::<Vec<_>>(),
                [lowest, value ^ lowest, lowest]
            );
        }
    }
}

#[test]
fn engines_that_take_the_digits_of_a_one_by_one_are_not_built_for_those_of_b() {
    let pragmatic = Array::Pragmatic { lanes: 2, shift_bits: 2, sync: SyncPeriod::Tile };
    for (array, kind) in [(Array::Stripes { lanes: 2 }, EncodingKind::TwosComplement), (pragmatic, EncodingKind::Csd)] {
        let spec = |encoded| EngineSpec { array, encoding: Some(kind), encoded, ..EngineSpec::default() };
        assert!(Engine::elaborate(&spec(Operand::A)).is_ok());
        let built = Engine::elaborate(&spec(Operand::B)).map(|engine| engine.spec);
        assert_eq!(built, Err(EngineError::NotBuilt { array: array.name() }));
    }
}

#[test]
fn the_sums_of_a_saturating_engine_hold_its_longest_tile() {
    let bits = |array, transforms: &[&str]| {
        let parameters = Parameters { group: 4, lanes: 4, ..Parameters::default() };
        let transforms = transforms.iter().map(|&name| name.to_owned()).collect();
        let encoding = Some(EncodingKind::EnT);
        let spec = EngineSpec {
            array,
            encoding,
            transforms,
            parameters,
            saturate: true,
            acc_bits: 8,
            ..EngineSpec::default()
        };
        (spec.sum_bits(), EngineSpec { saturate: false, ..spec }.sum_bits())
    };
    let skips = ["compress-accumulate", "skip-zero-digits"];
    let extends = [skips[0], skips[1], "share-encoder", "extend-reduction"];
    // Of int8 by int8, 2^16 steps.
    assert_eq!(bits(Array::Matrix2d, &[]), (32, 8));
    assert_eq!(bits(Array::Matrix2d, &skips), (34, 8));
    assert_eq!(bits(Array::Matrix2d, &extends), (36, 8));
    assert_eq!(bits(Array::AdderTree { depth: 5 }, &[]), (35, 8));
    assert_eq!(bits(Array::Stripes { lanes: 16 }, &[]), (36, 8));
    assert_eq!(bits(Array::Pragmatic { lanes: 16, shift_bits: 2, sync: SyncPeriod::Tile }, &[]), (36, 8));
    assert_eq!(bits(Array::Laconic { lanes: 1 }, &[]), (32, 8));
    assert_eq!(bits(Array::Systolic(Dataflow::WeightStationary), &[]), (33, 8));
}

/// `b_index_o` counts the operands of one lane; who reads only the ports has to find k.
#[test]
fn the_index_of_b_is_documented_as_the_schedule_has_it() {
    for (lanes, group) in [(1, 4), (4, 1), (4, 4), (2, 3)] {
        let mut spec = EngineSpec {
            array: Array::Matrix2d,
            encoding: Some(EncodingKind::EnT),
            transforms: ["compress-accumulate", "skip-zero-digits", "share-encoder"].map(str::to_owned).to_vec(),
            ..EngineSpec::default()
        };
        spec.parameters.group = group;
        if lanes > 1 {
            spec.transforms.push("extend-reduction".to_owned());
            spec.parameters.lanes = lanes;
        }
        let [l, g] = [lanes as usize, group as usize];
        let text = match (lanes, group) {
            (1, _) => "the index is k".to_owned(),
            (_, 1) => format!("index i is k = {l} i + lane"),
            _ => format!("index i is k = (i / {g} * {l} + lane) * {g} + i mod {g}, / rounded down"),
        };
        let streams = spec.streams();
        let b = streams.iter().find(|stream| stream.role == Stream::B).expect("a stream of B");
        assert!(b.doc.ends_with(&text), "{}", b.doc);
        let netlist = Engine::elaborate(&spec).expect("an engine").netlist;
        let port = netlist.top_module().port("b_index_o").expect("the index");
        assert!(text.ends_with(&port.doc), "{}", port.doc);
        let schedule = SerialSchedule::new(&spec, 1, 1, 60).expect("a GEMM");
        for (lane, i) in (0..lanes as usize).flat_map(|lane| (0..60).map(move |i| (lane, i))) {
            let k = match (lanes, group) {
                (1, _) => i,
                (_, 1) => l * i + lane,
                _ => (i / g * l + lane) * g + i % g,
            };
            assert_eq!(schedule.k_of(lane, i), (k < 60).then_some(k), "{lanes} {group} {lane} {i}");
        }
    }
}

#[test]
fn headers_say_one_of_a_thing_in_the_singular() {
    let sync = crate::notation::transform::SyncPeriod::Operands(1);
    let pragmatic = EngineSpec {
        array: Array::Pragmatic { lanes: 1, shift_bits: 0, sync },
        encoding: Some(EncodingKind::Csd),
        transforms: Vec::new(),
        ..EngineSpec::default()
    };
    let laconic = EngineSpec { array: Array::Laconic { lanes: 1 }, rows: 2, ..pragmatic.clone() };
    let kept = EngineSpec {
        array: Array::Systolic(Dataflow::WeightStationary),
        transforms: vec!["compress-n-of-m".to_owned()],
        parameters: Parameters { n_of_m: NOfM { n: 1, m: 2 }, ..Parameters::default() },
        ..EngineSpec::default()
    };
    let kept_results = EngineSpec { array: Array::Matrix2d, ..kept.clone() };
    for spec in [pragmatic, laconic, kept, kept_results] {
        let engine = Engine::elaborate(&spec).expect("an engine");
        let mut said = engine.law_text();
        said.extend(spec.streams().into_iter().map(|stream| stream.doc));
        said.extend(engine.netlist.top_module().doc.iter().cloned());
        for word in ["operands", "places", "lanes", "columns", "rows", "cycles after"] {
            let wrong = said.iter().find(|line| line.contains(&format!(" 1 {word}")));
            assert_eq!(wrong, None, "{}", spec.array.name());
        }
        assert!(said.iter().all(|line| !line.contains("every 1 ")), "{said:?}");
    }
}

/// Where bit weights follow each other in time a PE takes its products every few cycles.
#[test]
fn a_pe_that_works_on_a_bit_weight_a_cycle_says_so() {
    let spec = EngineSpec {
        array: Array::Stripes { lanes: 4 },
        encoding: Some(EncodingKind::TwosComplement),
        transforms: Vec::new(),
        ..EngineSpec::default()
    };
    let says = |spec: &EngineSpec| {
        let netlist = Engine::elaborate(spec).expect("an engine").netlist;
        let pe = netlist.modules.iter().find(|module| module.name.contains("_pe_")).expect("a PE");
        pe.doc.join(" ")
    };
    assert!(says(&spec).contains("4 products every 8 cycles"), "{}", says(&spec));
    let one = EngineSpec { array: Array::Stripes { lanes: 1 }, ..spec.clone() };
    assert!(says(&one).contains("1 product every 8 cycles"), "{}", says(&one));
    let tree = EngineSpec { array: Array::AdderTree { depth: 4 }, encoding: Some(EncodingKind::Booth4), ..spec };
    assert!(says(&tree).contains("4 products a cycle"), "{}", says(&tree));
}

/// S bits of shift reach 2^S places, the lowest one among them.
#[test]
fn headers_say_how_far_a_lane_of_pragmatic_shifts() {
    let said = |shift_bits| {
        let array = Array::Pragmatic { lanes: 4, shift_bits, sync: SyncPeriod::Tile };
        let spec =
            EngineSpec { array, encoding: Some(EncodingKind::Csd), transforms: Vec::new(), ..EngineSpec::default() };
        Engine::elaborate(&spec).expect("an engine").law_text().remove(1)
    };
    let start = "term is left, at least 1 cycle; a cycle takes";
    assert_eq!(said(0), format!("{start} the terms of the lowest place only."));
    for (shift_bits, places) in [(1, 2), (2, 4), (3, 8)] {
        assert_eq!(said(shift_bits), format!("{start} terms less than {places} places above the lowest."));
    }
}

#[test]
fn every_index_of_every_group_selects_its_word() {
    for words in 2..=16_u32 {
        for places in [1, 2, 3] {
            let mut builder = NetlistBuilder::new();
            let module = parts::select::select(&mut builder, "t", (words, places, 7)).unwrap();
            let netlist = builder.finish(module, ResetKind::AsyncLow);
            let mut sim = Interpreter::new(&netlist).unwrap();
            let [x, index, y] = ["x_i", "index_i", "y_o"].map(|name| sim.port(name).unwrap());
            (0..words).for_each(|word| sim.set(x, word as usize, u64::from(5 * word + 3)));
            for first in 0..words {
                let indices: Vec<u32> = (0..places).map(|place| (first + 7 * place) % words).collect();
                for (place, &chosen) in indices.iter().enumerate() {
                    sim.set(index, place, chosen.into());
                }
                sim.settle();
                let selected: Vec<u64> = (0..places as usize).map(|place| sim.get(y, place)).collect();
                let expected: Vec<u64> = indices.iter().map(|chosen| u64::from(5 * chosen + 3)).collect();
                assert_eq!(selected, expected, "{words} {places}");
            }
        }
    }
}

#[test]
fn the_rate_of_compressed_weights_is_said_in_whole_groups() {
    let said = |array, n, m| {
        let transforms = vec!["compress-n-of-m".to_owned()];
        let parameters = Parameters { n_of_m: NOfM { n, m }, ..Parameters::default() };
        Engine::elaborate(&EngineSpec { array, transforms, parameters, ..EngineSpec::default() }).unwrap().law_text()
    };
    let systolic = said(Array::Systolic(Dataflow::OutputStationary), 2, 4);
    assert_eq!(systolic[0], "Latency of a tile: 2 * ceil(K/4) + 12 cycles, first operand to last result.");
    assert_eq!(systolic[1], "Rate: a step a cycle; a tile every max(2 * ceil(K/4), 7) cycles.");
    assert!(said(Array::Cube { depth: 6 }, 3, 5)[0].contains(" ceil(K/10) + 12 cycles"));
    assert!(said(Array::AdderTree { depth: 2 }, 6, 7)[0].contains(" 3 * ceil(K/7) + 8 cycles"));
    assert!(said(Array::Systolic(Dataflow::WeightStationary), 2, 4)[0].contains(" M + 13 cycles"));
}

#[test]
fn groups_that_do_not_fit_the_places_of_k_are_an_error() {
    let of = |array, n| {
        let transforms = vec!["compress-n-of-m".to_owned()];
        let parameters = Parameters { n_of_m: NOfM { n, m: 8 }, ..Parameters::default() };
        Engine::elaborate(&EngineSpec { array, transforms, parameters, ..EngineSpec::default() }).map(|_| ())
    };
    let places = |places, n| Err(EngineError::Places { places, n, m: 8 });
    assert_eq!(of(Array::Systolic(Dataflow::WeightStationary), 3), places(4, 3));
    assert_eq!(of(Array::Cube { depth: 4 }, 3), places(4, 3));
    assert_eq!([of(Array::Cube { depth: 3 }, 6), of(Array::Matrix2d, 5)], [Ok(()), Ok(())]);
    assert!(matches!(of(Array::Systolic(Dataflow::InputStationary), 2), Err(EngineError::Nest(_))));
}
