// The control model of a unit that skips zeros, register for register like the others (stages.ts).
import type { DensePlan } from '../../model/plan.ts';
import { UnitStage, type Word } from './stages.ts';

/** bitsim_mvu_sparse with its bitsim_sparse_reader and bitsim_frame_buffer, which is filled one frame ahead of the one that is read. */
export class SparseMvuStage extends UnitStage {
  /** The ROM is read as soon as reset ends; the first beat comes a cycle later. */
  override readonly readsBefore = 1;
  /** There is a step whose input word is known: from the second cycle on, as the ROM has been read before the first. */
  private stepValid = false;
  private step = 0;
  private written = 0;
  /** Frames that are whole and still read. */
  private frames = 0;
  private readonly synapseFold: number;
  private readonly steps: number;
  /** Steps after which a neuron fold ends. */
  private readonly ends: ReadonlySet<number>;

  constructor({ synapseFold, pipeline }: DensePlan, stepsOfFolds: readonly number[]) {
    super(pipeline);
    this.synapseFold = synapseFold;
    let steps = 0;
    this.ends = new Set(
      stepsOfFolds.map((own) => {
        steps += own;
        return steps;
      }),
    );
    this.steps = steps;
  }

  inReady(): boolean {
    return this.frames !== 2;
  }

  protected clockFront(inValid: boolean, advance: boolean): Word {
    const write = inValid && this.inReady();
    const issue = advance && this.stepValid && this.frames !== 0;
    const last = this.ends.has(this.step + 1);
    this.reads = issue || !this.stepValid;
    this.stepValid = true;
    if (issue) this.step = (this.step + 1) % this.steps;
    if (issue && this.step === 0) this.frames--;
    if (write) this.written = (this.written + 1) % this.synapseFold;
    if (write && this.written === 0) this.frames++;
    return { valid: issue, last };
  }
}
