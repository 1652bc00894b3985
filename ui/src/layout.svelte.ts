// Which panes and which tab are open and how wide panes are, remembered in local storage. No names or text of functions.

import { recall, remember } from './remembered';

const KEY = 'postern.layout';
const NARROW = '(max-width: 1099px)';

const TABS = ['secrets', 'run', 'history'] as const;
export type RightTab = (typeof TABS)[number];

interface Remembered {
  leftWidth: number;
  rightWidth: number;
  leftOpen: boolean;
  rightOpen: boolean;
  tab: RightTab;
}

const DEFAULTS: Remembered = { leftWidth: 232, rightWidth: 372, leftOpen: true, rightOpen: true, tab: 'secrets' };

export class Layout {
  leftWidth = $state(DEFAULTS.leftWidth);
  rightWidth = $state(DEFAULTS.rightWidth);
  leftOpen = $state(true);
  /** Beside the code, where there is room for it. */
  #rightBeside = $state(true);
  /** Over the code, in a narrow window. Always starts closed. */
  #rightOver = $state(false);
  narrow = $state(false);
  /** How much of the middle the lines under its bar take: the right pane lies over the code only. */
  stripsHeight = $state(0);
  problemsOpen = $state(false);
  problemsHeight = $state(0);
  #tab = $state<RightTab>(DEFAULTS.tab);

  constructor() {
    const remembered: Remembered = { ...DEFAULTS, ...(recall(KEY) as Partial<Remembered> | null) };
    this.leftWidth = remembered.leftWidth;
    this.rightWidth = remembered.rightWidth;
    this.leftOpen = remembered.leftOpen;
    this.#rightBeside = remembered.rightOpen;
    if (TABS.includes(remembered.tab)) this.#tab = remembered.tab;
    const query = window.matchMedia(NARROW);
    this.narrow = query.matches;
    query.addEventListener('change', () => {
      this.narrow = query.matches;
    });
  }

  get rightOpen(): boolean {
    return this.narrow ? this.#rightOver : this.#rightBeside;
  }

  set rightOpen(open: boolean) {
    if (this.narrow) this.#rightOver = open;
    else this.#rightBeside = open;
    this.remember();
  }

  get tab(): RightTab {
    return this.#tab;
  }

  set tab(tab: RightTab) {
    this.#tab = tab;
    this.remember();
  }

  toggleLeft(): void {
    this.leftOpen = !this.leftOpen;
    this.remember();
  }

  showTab(tab: RightTab): void {
    this.tab = tab;
    this.rightOpen = true;
  }

  remember(): void {
    const { leftWidth, rightWidth, leftOpen, tab } = this;
    const remembered: Remembered = { leftWidth, rightWidth, leftOpen, rightOpen: this.#rightBeside, tab };
    remember(KEY, remembered);
  }
}
