// The emitted Verilog of the chosen folding: top and library.
import { createDesign } from '../codegen/targets/verilog/design.ts';
import { libraryModules, type ModuleFile, topModule } from '../codegen/targets/verilog/modules.ts';
import { byId, make } from './dom.ts';
import type { State } from './state.ts';

/** Builds the panel; the returned function emits for the state's folding. */
export const createModules = (state: State, version: string): (() => void) => {
  const select = byId<HTMLSelectElement>('module');
  let files: ModuleFile[] = [];
  const show = (): void => {
    byId<HTMLTextAreaElement>('verilog').value = files.find(([path]) => path === select.value)?.[1] ?? '';
  };
  select.addEventListener('change', show);
  return () => {
    const design = createDesign(state.network, state.plan, version);
    files = [topModule(design), ...libraryModules(design)];
    const chosen = select.value;
    select.replaceChildren(...files.map(([path]) => make('option', { value: path }, path)));
    if (files.some(([path]) => path === chosen)) select.value = chosen;
    show();
  };
};
