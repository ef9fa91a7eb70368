import { lockfiles } from './lockfiles.ts';
import { refuseAll } from './refuse.ts';

refuseAll(lockfiles);
