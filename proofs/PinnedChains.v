(** What the rules of the search for proofs say: the lemmas of Chains.v, Extrema.v and Norms.v that found chains rest on.

    Statements only, each of the lemma of its name, File__lemma, in full, as in PinnedAlgebra.v. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require Chains.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition Chains__turned__is : Prop :=
  @Boundcheck.Chains.turned = (
  fun (V : zmodType) (flip : bool) (u v : V) => if flip then v - u else u - v).

Definition Chains__link : Prop :=
  forall (R : realFieldType) (c a b s t : R), a <= b -> 0 <= c -> t - s = c * (b - a) -> s <= t.

Definition Chains__lipschitz_turned : Prop :=
  forall (R : realFieldType) (V V' : lmodType R) (N : V -> R) (N' : V' -> R) (g : V -> V') (L : R),
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  (forall (a : R) (v : V'), N' (a *: v) = `|a| * N' v) ->
  (forall u v : V, N' (g u - g v) <= L * N (u - v)) ->
  forall (f h : bool) (u v : V), N' (Chains.turned (V:=V') f (g u) (g v)) <= L * N (Chains.turned (V:=V) h u v).

Definition Chains__triangle : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (f g h : bool) (v u w : V),
  N (Chains.turned (V:=V) f u w) <= N (Chains.turned (V:=V) g u v) + N (Chains.turned (V:=V) h v w).

Definition Chains__length_triangle : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (f : bool) (u v : V), N u <= N (Chains.turned (V:=V) f u v) + N v.

Definition Chains__apart_lengths : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (f : bool) (u v : V), N (Chains.turned (V:=V) f u v) <= N u + N v.

Definition Norms__norm_ge0 : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) -> forall v : V, 0 <= N v.

Definition Chains__norm_mean_to : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (f g : bool) (n : nat) (x : 'I_n.+1 -> V) (v : V),
  N (Chains.turned (V:=V) f (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) v) <=
  n.+1%:R^-1 * (\sum_(i < n.+1) N (Chains.turned (V:=V) g (x i) v)).

Definition Chains__norm_means : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (f g : bool) (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
  N (Chains.turned (V:=V) f (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) (p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) <=
  n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) N (Chains.turned (V:=V) g (x i) (z j)))).

Definition Chains__norm_pairs : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (f g : bool) (n : nat) (x z : 'I_n.+1 -> V),
  N (Chains.turned (V:=V) f (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) (n.+1%:R^-1 *: (\sum_(i < n.+1) z i))) <=
  n.+1%:R^-1 * (\sum_(l < n.+1) N (Chains.turned (V:=V) g (x l) (z l))).

Definition Chains__norm_share_to : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n : nat) (a : 'I_n.+1 -> R),
  (forall i : 'I_n.+1, 0 <= a i) ->
  0 < \sum_(i < n.+1) a i ->
  forall (f g : bool) (x : 'I_n.+1 -> V) (v : V),
  N (Chains.turned (V:=V) f (\sum_(i < n.+1) (a i / (\sum_(i' < n.+1) a i')) *: x i) v) <=
  \sum_(i < n.+1) a i / (\sum_(i' < n.+1) a i') * N (Chains.turned (V:=V) g (x i) v).

Definition Extrema__le_bigmax : Prop :=
  forall (R : realFieldType) (n : nat) (F : 'I_n.+1 -> R) (i : 'I_n.+1),
  F i <= \big[Num.max/F ord0]_(j < n.+1) F j.

Definition Extrema__bigmin_le : Prop :=
  forall (R : realFieldType) (n : nat) (F : 'I_n.+1 -> R) (i : 'I_n.+1),
  \big[Num.min/F ord0]_(j < n.+1) F j <= F i.

Definition Chains__abs_ge_opp : Prop :=
  forall (R : realFieldType) (a : R), - a <= `|a|.

Definition Norms__mean_mono : Prop :=
  forall (R : realFieldType) (n : nat) (F G : 'I_n.+1 -> R),
  (forall i : 'I_n.+1, F i <= G i) -> n.+1%:R^-1 * (\sum_(i < n.+1) F i) <= n.+1%:R^-1 * (\sum_(i < n.+1) G i).

Definition Chains__le_share : Prop :=
  forall (R : realFieldType) (n : nat) (a : 'I_n.+1 -> R),
  (forall i : 'I_n.+1, 0 <= a i) ->
  0 < \sum_(i < n.+1) a i ->
  forall F G : 'I_n.+1 -> R,
  (forall i : 'I_n.+1, F i <= G i) ->
  \sum_(i < n.+1) a i / (\sum_(i' < n.+1) a i') * F i <= \sum_(i < n.+1) a i / (\sum_(i' < n.+1) a i') * G i.

Definition Extrema__bigmin_attained : Prop :=
  forall (R : realFieldType) (n : nat) (F : 'I_n.+1 -> R),
  exists i : 'I_n.+1, \big[Num.min/F ord0]_(j < n.+1) F j = F i.

Definition Extrema__bigmax_attained : Prop :=
  forall (R : realFieldType) (n : nat) (F : 'I_n.+1 -> R),
  exists i : 'I_n.+1, \big[Num.max/F ord0]_(j < n.+1) F j = F i.

Definition Chains__le_coupled : Prop :=
  forall (R : realFieldType) (n p : nat) (P : 'I_n.+1 -> 'I_p.+1 -> R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= P i j) ->
  forall F G : 'I_n.+1 -> 'I_p.+1 -> R,
  (forall (i : 'I_n.+1) (j : 'I_p.+1), F i j <= G i j) ->
  \sum_(i < n.+1) \sum_(j < p.+1) P i j * F i j <= \sum_(i < n.+1) \sum_(j < p.+1) P i j * G i j.

Definition Chains__norm_coupled : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n p : nat) (P : 'I_n.+1 -> 'I_p.+1 -> R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= P i j) ->
  (forall i : 'I_n.+1, \sum_(j < p.+1) P i j = n.+1%:R^-1) ->
  (forall j : 'I_p.+1, \sum_(i < n.+1) P i j = p.+1%:R^-1) ->
  forall (f g : bool) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
  N (Chains.turned (V:=V) f (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) (p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) <=
  \sum_(i < n.+1) \sum_(j < p.+1) P i j * N (Chains.turned (V:=V) g (x i) (z j)).

Definition Chains__dist_squared : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, N u ^+ 2 = ip u u) -> forall u v : V, N (u - v) ^+ 2 = ip u u - 2 * ip u v + ip v v.

Definition Chains__square_ge0 : Prop :=
  forall (R : realFieldType) (a : R), 0 <= a ^+ 2.

Definition Chains__le_squared : Prop :=
  forall (R : realFieldType) (a b : R), 0 <= a -> a <= b -> a ^+ 2 <= b ^+ 2.

Definition Chains__product_link : Prop :=
  forall (R : realFieldType) (a b a' b' s t : R), a <= b -> a' <= b' -> t - s = (b - a) * (b' - a') -> s <= t.

Definition Chains__le_min : Prop :=
  forall (R : realFieldType) (s a b : R), s <= a -> s <= b -> s <= Num.min a b.

Definition Chains__max_le : Prop :=
  forall (R : realFieldType) (s a b : R), a <= s -> b <= s -> Num.max a b <= s.
