// The control model: each stage of the emitted pipeline as the handshakes it makes, without data. Each class mirrors
// one module of templates/verilog/lib, register for register; the emitted testbench checks that they agree to the cycle.
// Rule shared with the hardware: valid never depends on ready.
import type { DensePlan } from '../../model/plan.ts';

/** What leaves a stage, by the name that the emitted top gives the stream. */
export type StreamKind = 'input' | 'in' | 'sums' | 'acc' | 'code' | 'out';

/** What the control of a matrix-vector unit depends on. */
export type MvuShape = Pick<DensePlan, 'synapseFold' | 'neuronFold' | 'bufferWords' | 'pipeline'>;

export interface Stage {
  readonly leaves: StreamKind;
  /** out_valid this cycle. */
  outValid(inValid: boolean): boolean;
  /** in_ready this cycle. */
  inReady(outReady: boolean): boolean;
  /** The clock edge that ends the cycle. */
  clock(inValid: boolean, outReady: boolean): void;
}

/** bitsim_input_sum: a pixel a cycle; a code leaves with the last pixel of its window. */
export class InputSumStage implements Stage {
  readonly leaves = 'input';
  private pixel = 0;
  /** For each pixel of the image, whether it completes a window. */
  private readonly completes: readonly boolean[];

  constructor(completes: readonly boolean[]) {
    this.completes = completes;
  }

  outValid(inValid: boolean): boolean {
    return inValid && this.completes[this.pixel]!;
  }

  inReady(outReady: boolean): boolean {
    return outReady || !this.completes[this.pixel];
  }

  clock(inValid: boolean, outReady: boolean): void {
    if (inValid && this.inReady(outReady)) this.pixel = (this.pixel + 1) % this.completes.length;
  }
}

/** What a register of the pipeline holds: a word, and whether it is the last of its pass. */
export interface Word {
  readonly valid: boolean;
  readonly last: boolean;
}

const NOTHING: Word = { valid: false, last: false };

/** A matrix-vector unit: bitsim_accumulate, behind a front end that reads words. */
export abstract class UnitStage implements Stage {
  readonly leaves = 'sums';
  /** In the cycle that the last clock edge ended: a word was read from the weight ROM, */
  reads = false;
  /** the accumulators took a step (in the order of reads, so their number says which one), */
  adds = false;
  /** everything was held, because a finished result would have overwritten one that had not left. */
  stalls = false;
  /** Words of the weight ROM read before the first cycle. */
  readonly readsBefore: number = 0;
  /** The registers from the word that is read to the sum: that word, those within the trees, the sum. */
  private readonly words: Word[];
  private read = NOTHING;
  private resultValid = false;

  constructor(pipeline: number) {
    this.words = Array.from({ length: pipeline + 2 }, () => NOTHING);
  }

  outValid(): boolean {
    return this.resultValid;
  }

  abstract inReady(): boolean;

  /** The clock edge of the front end, which may read a word for the accumulators where they `advance`. */
  protected abstract clockFront(inValid: boolean, advance: boolean): Word;

  clock(inValid: boolean, outReady: boolean): void {
    const sum = this.words.at(-1)!;
    const finish = sum.valid && sum.last;
    const advance = !(finish && this.resultValid && !outReady);
    this.adds = advance && sum.valid;
    this.stalls = !advance;
    if (advance && finish) this.resultValid = true;
    else if (outReady) this.resultValid = false;
    const next = this.clockFront(inValid, advance);
    if (!advance) return;
    this.words.pop();
    this.words.unshift(this.read);
    this.read = next;
  }
}

/** bitsim_mvu with its bitsim_replay_buffer. */
export class MvuStage extends UnitStage {
  private held = 0;
  private fresh = 0;
  private word = 0;
  private pass = 0;
  private readonly synapseFold: number;
  private readonly passes: number;
  private readonly capacity: number;

  constructor({ synapseFold, neuronFold, bufferWords, pipeline }: MvuShape) {
    super(pipeline);
    this.synapseFold = synapseFold;
    this.passes = neuronFold;
    this.capacity = bufferWords;
  }

  inReady(): boolean {
    return this.held !== this.capacity;
  }

  protected clockFront(inValid: boolean, advance: boolean): Word {
    const write = inValid && this.inReady();
    const issue = advance && (this.pass !== 0 || this.fresh !== 0);
    const last = this.word === this.synapseFold - 1;
    this.reads = issue;
    if (write) {
      this.held++;
      this.fresh++;
    }
    if (issue) this.issued(last);
    return { valid: issue, last };
  }

  private issued(last: boolean): void {
    if (this.pass === 0) this.fresh--;
    if (this.pass === this.passes - 1) this.held--;
    this.word = last ? 0 : this.word + 1;
    if (last) this.pass = this.pass === this.passes - 1 ? 0 : this.pass + 1;
  }
}

/** bitsim_serialize. */
export class SerializeStage implements Stage {
  readonly leaves = 'acc';
  private index = 0;
  private readonly parts: number;

  constructor(parts: number) {
    this.parts = parts;
  }

  outValid(inValid: boolean): boolean {
    return inValid;
  }

  inReady(outReady: boolean): boolean {
    return outReady && this.index === this.parts - 1;
  }

  clock(inValid: boolean, outReady: boolean): void {
    if (inValid && outReady) this.index = this.index === this.parts - 1 ? 0 : this.index + 1;
  }
}

/** bitsim_gather; with one part it is a wire. */
export class GatherStage implements Stage {
  readonly leaves = 'in';
  private count = 0;
  private full = false;
  private readonly parts: number;

  constructor(parts: number) {
    this.parts = parts;
  }

  outValid(inValid: boolean): boolean {
    return this.parts === 1 ? inValid : this.full;
  }

  inReady(outReady: boolean): boolean {
    return this.parts === 1 ? outReady : !this.full || outReady;
  }

  clock(inValid: boolean, outReady: boolean): void {
    if (this.parts === 1) return;
    const take = inValid && this.inReady(outReady);
    const last = this.count === this.parts - 1;
    if (take && last) this.full = true;
    else if (outReady) this.full = false;
    if (take) this.count = last ? 0 : this.count + 1;
  }
}

/** bitsim_requantize_dynamic: two frames of `words` words. */
export class DynamicStage implements Stage {
  readonly leaves = 'code';
  private readonly full: [boolean, boolean] = [false, false];
  private writeBank: 0 | 1 = 0;
  private readBank: 0 | 1 = 0;
  private writeWord = 0;
  private readWord = 0;
  private readValid = false;
  private valid = false;
  private readonly words: number;

  constructor(words: number) {
    this.words = words;
  }

  outValid(): boolean {
    return this.valid;
  }

  inReady(): boolean {
    return !this.full[this.writeBank];
  }

  clock(inValid: boolean, outReady: boolean): void {
    const write = inValid && this.inReady();
    const advance = !this.valid || outReady;
    const issue = this.full[this.readBank] && advance;
    if (advance) {
      this.valid = this.readValid;
      this.readValid = issue;
    }
    if (issue) this.read();
    if (write) this.write();
  }

  private read(): void {
    this.readWord++;
    if (this.readWord < this.words) return;
    this.readWord = 0;
    this.full[this.readBank] = false;
    this.readBank = this.readBank === 0 ? 1 : 0;
  }

  private write(): void {
    this.writeWord++;
    if (this.writeWord < this.words) return;
    this.writeWord = 0;
    this.full[this.writeBank] = true;
    this.writeBank = this.writeBank === 0 ? 1 : 0;
  }
}

/** bitsim_argmax: `classes` logits in, classes + 1 beats out. */
export class ArgmaxStage implements Stage {
  readonly leaves = 'out';
  private index = 0;
  private valid = false;
  private last = false;
  private readonly classes: number;

  constructor(classes: number) {
    this.classes = classes;
  }

  outValid(): boolean {
    return this.valid;
  }

  /** The beat on the output ends a frame. */
  outLast(): boolean {
    return this.last;
  }

  inReady(outReady: boolean): boolean {
    return (!this.valid || outReady) && this.index !== this.classes;
  }

  clock(inValid: boolean, outReady: boolean): void {
    if (this.valid && !outReady) return;
    const end = this.index === this.classes;
    this.valid = end || inValid;
    this.last = end;
    if (end) this.index = 0;
    else if (inValid) this.index++;
  }
}
