// The first lines that run: ask the core, then load the window, which meanwhile is on its way (see vite.config.ts).

import { askFirst } from './first-answer';

const answer = askFirst();
void import('./window').then(({ open }) => open(answer));
