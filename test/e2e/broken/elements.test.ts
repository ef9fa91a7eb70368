import { elements } from './elements.ts';
import { refuseAll } from './refuse.ts';

refuseAll(elements);
