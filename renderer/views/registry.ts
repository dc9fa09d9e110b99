import CreateIcon from '@lucide/svelte/icons/image-plus';
import LibraryIcon from '@lucide/svelte/icons/library-big';
import MeasureIcon from '@lucide/svelte/icons/ruler';
import SlidesIcon from '@lucide/svelte/icons/microscope';
import RunsIcon from '@lucide/svelte/icons/scroll-text';
import CompareIcon from '@lucide/svelte/icons/square-split-horizontal';
import ReviewIcon from '@lucide/svelte/icons/glasses';
import type { Component } from 'svelte';
import type { ScreenId } from '../state/application.svelte.ts';
import Compare from './Compare.svelte';
import Create from './Create.svelte';
import Library from './Library.svelte';
import Measure from './Measure.svelte';
import Review from './Review.svelte';
import Runs from './Runs.svelte';
import Slides from './Slides.svelte';

export interface View {
  id: ScreenId;
  label: string;
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>;
  component: Component;
  /** Stays in the page while another screen is in view: it holds GPU contexts. All others are made anew. */
  stays: boolean;
}

/** The screens in the order of the rail; Ctrl+1 is the first. */
export const views: readonly View[] = [
  { id: 'library', label: 'Library', icon: LibraryIcon, component: Library, stays: true },
  { id: 'create', label: 'Create', icon: CreateIcon, component: Create, stays: false },
  { id: 'compare', label: 'Compare', icon: CompareIcon, component: Compare, stays: false },
  { id: 'measure', label: 'Measure', icon: MeasureIcon, component: Measure, stays: false },
  { id: 'review', label: 'Review', icon: ReviewIcon, component: Review, stays: false },
  { id: 'slides', label: 'Slides', icon: SlidesIcon, component: Slides, stays: false },
  { id: 'runs', label: 'Runs', icon: RunsIcon, component: Runs, stays: false },
];
